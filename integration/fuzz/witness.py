"""What supervisord's own readers make of a text: JSON lines in, JSON lines out, until the input ends."""
import configparser
import io
import json
import shlex
import sys

from supervisor import datatypes
from supervisor.options import UnhosedConfigParser, expand


def ini(texts):
    parser = UnhosedConfigParser()
    for text in texts:
        parser.read_file(io.TextIOWrapper(io.BytesIO(text.encode()), 'utf-8'), 'F')
    sections = [[name, list(options.items())] for name, options in parser._sections.items()]
    return {'sections': sections, 'defaults': list(parser._defaults.items())}


READERS = {
    'ini': ini,
    'command': shlex.split,
    'environment': lambda text: sorted(datatypes.dict_of_key_value_pairs(text).items()),
    'expand': lambda question: expand(question['format'], question['names'], 's.o'),
    'integer': datatypes.integer,
    'boolean': datatypes.boolean,
    'bytes': datatypes.byte_size,
    'octal': datatypes.octal_type,
    'exitcodes': datatypes.list_of_exitcodes,
    'address': datatypes.inet_address,
    'signal': datatypes.signal_number,
    'name': datatypes.process_or_group_name,
}

for line in sys.stdin:
    reader, question = json.loads(line)
    try:
        answer = {'value': READERS[reader](question)}
    except (configparser.Error, ValueError) as why:
        answer = {'error': str(why), 'type': type(why).__name__}
    print(json.dumps(answer), flush=True)
