/** A mail server that takes one mail after another and sends none on. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface MailBox {
  readonly port: number;
  readonly mails: readonly string[];
  close(): void;
}

export async function openMailBox(): Promise<MailBox> {
  const mails: string[] = [];
  const server = createServer((socket) => {
    let text = '';
    let inMail = false;
    socket.on('error', () => undefined);
    socket.write('220 here\r\n');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n'); end >= 0;) {
        const said = text.slice(0, end);
        text = text.slice(end + (inMail ? 5 : 2));
        if (inMail) mails.push(said);
        inMail = said === 'data' || said === 'DATA';
        socket.write(inMail ? '354 go on\r\n' : '250 well\r\n');
        end = text.indexOf(inMail ? '\r\n.\r\n' : '\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on a TCP port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    mails,
    close: () => {
      server.close();
    },
  };
}
