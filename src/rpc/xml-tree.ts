import sax, { type SAXOptions } from 'sax';

/** One element, with all the text directly inside it. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

export interface XmlLimits {
  /** Characters of the document. */
  readonly maxLength: number;
  /** How deep elements may stand in each other. An XML-RPC array costs three levels. */
  readonly maxDepth: number;
  readonly maxElements: number;
}

/** The document is not XML-RPC; `message` says what was found. Never thrown for what we have written ourselves. */
export class XmlRpcSyntaxError extends Error {
  override readonly name = 'XmlRpcSyntaxError';
}

/**
 * Reads a document to its root element. Refused: anything that is not well-formed, a DOCTYPE (so that no entity can be
 * declared, and none but XML's five is known), and what goes beyond the limits.
 *
 * @throws XmlRpcSyntaxError
 */
export function parseXmlTree(text: string, limits: XmlLimits): XmlElement {
  if (text.length > limits.maxLength) {
    throw new XmlRpcSyntaxError(`document of ${text.length} characters is above ${limits.maxLength}`);
  }
  // @types/sax does not know strictEntities: without it sax would take the entities of HTML.
  const options: SAXOptions & { strictEntities: boolean } = { strictEntities: true };
  const parser = new sax.SAXParser(true, options);
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  let count = 0;
  const refuse = (why: string): never => {
    throw new XmlRpcSyntaxError(why);
  };
  parser.onerror = (error) => refuse(error.message.split('\n', 1)[0] ?? 'not well-formed');
  parser.ondoctype = () => refuse('DOCTYPE is not allowed');
  parser.onsgmldeclaration = () => refuse('declarations are not allowed');
  parser.onopentag = (tag) => {
    const element: XmlElement = { name: tag.name, children: [], text: '' };
    count += 1;
    if (count > limits.maxElements) refuse(`more than ${limits.maxElements} elements`);
    if (open.length >= limits.maxDepth) refuse(`elements are nested more than ${limits.maxDepth} deep`);
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    open.push(element);
  };
  const addText = (more: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += more;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    open.pop();
  };
  try {
    // XML 1.0 section 2.11: a parser gives every line end as \n. sax does not.
    parser.write(text.replace(/\r\n?/g, '\n')).close();
  } catch (error) {
    if (error instanceof XmlRpcSyntaxError) throw error;
    // sax throws plain errors (RangeError for &#x110000;); whatever it is, the document is to blame.
    throw new XmlRpcSyntaxError(error instanceof Error ? error.message : 'not well-formed');
  }
  return root ?? refuse('no root element');
}
