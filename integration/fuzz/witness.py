"""What supervisord's own readers make of a text: JSON lines in, JSON lines out, until the input ends."""
import configparser
import io
import json
import shlex
import sys
from types import SimpleNamespace

from supervisor import datatypes
from supervisor.dispatchers import PEventListenerDispatcher, RejectEvent, default_handler
from supervisor.options import UnhosedConfigParser, expand
from supervisor.states import EventListenerStates
from supervisor.xmlrpc import supervisor_xmlrpc_handler


def ini(texts):
    parser = UnhosedConfigParser()
    for text in texts:
        parser.read_file(io.TextIOWrapper(io.BytesIO(text.encode()), 'utf-8'), 'F')
    sections = [[name, list(options.items())] for name, options in parser._sections.items()]
    return {'sections': sections, 'defaults': list(parser._defaults.items())}


silent = SimpleNamespace(debug=lambda text: None, warn=lambda text: None)


def listener(question):
    """What came of the bytes that a listener wrote, read by the real dispatcher."""
    told = []
    chunks = [bytes(chunk) for chunk in question['chunks']]

    def judge(event, result):
        try:
            default_handler(event, result)
        except RejectEvent:
            told.append('rejected')
            raise
        told.append('processed')

    class Dispatcher(PEventListenerDispatcher):
        def _change_listener_state(self, state):
            super()._change_listener_state(state)
            if state in (EventListenerStates.READY, EventListenerStates.UNKNOWN):
                told.append('ready' if state == EventListenerStates.READY else 'broken')

    options = SimpleNamespace(readfd=lambda fd: chunks.pop(0), strip_ansi=False, logger=silent)
    config = SimpleNamespace(name='x', options=options, stdout_logfile=None)
    group = SimpleNamespace(config=SimpleNamespace(result_handler=judge))
    process = SimpleNamespace(config=config, group=group)
    dispatcher = Dispatcher(process, 'stdout', 0)
    if question['busy']:
        process.listener_state = EventListenerStates.BUSY
        process.event = object()
    for _ in range(len(chunks)):
        dispatcher.handle_read_event()
    return told


def call(text):
    """The real handler answers 400 to whatever goes wrong here, and to a call without a method."""
    try:
        params, method = supervisor_xmlrpc_handler.loads(supervisor_xmlrpc_handler, text)
    except Exception:
        raise ValueError('refused')
    return [method or '', params or ()]


READERS = {
    'call': call,
    'listener': listener,
    'ini': ini,
    'command': shlex.split,
    'environment': datatypes.dict_of_key_value_pairs,
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
