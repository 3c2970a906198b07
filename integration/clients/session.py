"""A session of Python's own XML-RPC client, by a unix socket and by TCP. Prints what it saw, a JSON line for each, without what differs by the hour."""
import json
import sys
import xmlrpc.client

from supervisor.xmlrpc import SupervisorTransport

path, port = sys.argv[1:]
servers = (
    xmlrpc.client.ServerProxy('http://127.0.0.1', transport=SupervisorTransport(None, None, 'unix://' + path)),
    xmlrpc.client.ServerProxy('http://user:pass%%20word@127.0.0.1:%s/RPC2' % port),
)


def show(what, function, *args):
    try:
        answer = function(*args)
    except xmlrpc.client.Fault as fault:
        answer = 'fault %s %s' % (fault.faultCode, fault.faultString)
    except xmlrpc.client.ProtocolError as error:
        answer = 'HTTP %s %s' % (error.errcode, error.errmsg)
    except Exception as error:
        answer = '%s: %s' % (type(error).__name__, error)
    print(json.dumps([what, answer]), flush=True)


def steady(info):
    return {key: info[key] for key in ('name', 'group', 'state', 'statename', 'spawnerr', 'exitstatus', 'logfile', 'stderr_logfile')}


def types(info):
    return {key: type(value).__name__ for key, value in info.items() if key not in ('container', 'proxy')}


def multi(server, *calls):
    batch = xmlrpc.client.MultiCall(server)
    for name, args in calls:
        getattr(batch.supervisor, name)(*args)
    return list(batch())


for server in servers:
    s = server.supervisor
    show('state', s.getState)
    show('types', lambda: types(s.getProcessInfo('cat')))
    show('all', lambda: [steady(info) for info in s.getAllProcessInfo()])
    show('config', lambda: sorted(types(s.getAllConfigInfo()[0]).items()))
    show('stop', s.stopProcess, 'cat')
    show('stop again', s.stopProcess, 'cat')
    show('start', s.startProcess, 'cat', True)
    show('start again', s.startProcess, 'cat')
    show('start later', s.startProcessGroup, 'late', False)
    show('stop all of it', s.stopProcessGroup, 'late')
    show('nobody', s.startProcess, 'nobody')
    show('too much', s.getPID, 1)
    show('no method', s.nothing)
    show('walked', s.supervisord.options.warnings)
    show('signal', s.signalProcess, 'cat', 'CONT')
    show('bad signal', s.signalProcess, 'cat', 'NONE')
    show('stdin', s.sendProcessStdin, 'cat', 'sn\u00f6wman \u2603\n')
    show('read', s.readProcessStdoutLog, 'said', 0, 0)
    show('tail', s.tailProcessStdoutLog, 'said', 0, 5)
    show('clear', s.clearProcessLogs, 'late')
    # supervisord gives bare values where the convention wants lists of one: Python's MultiCall takes only lists and faults.
    show('multicall', server.system.multicall, [
        {'methodName': 'supervisor.getState', 'params': []},
        {'methodName': 'supervisor.stopProcess', 'params': ['late']},
        {'methodName': 'supervisor.startProcess', 'params': ['late', False]},
        {'methodName': 'supervisor.stopProcess', 'params': ['late', True]},
        {'methodName': 'system.multicall', 'params': []},
        {'params': []},
    ])
    show('MultiCall of a list', multi, server, ('stopProcessGroup', ('late',)))
    show('MultiCall of a value', multi, server, ('getPID', ()))
    show('MultiCall of a fault', multi, server, ('stopProcess', ('nobody',)))

show('no login', xmlrpc.client.ServerProxy('http://127.0.0.1:%s' % port).supervisor.getState)
show('a wrong login', xmlrpc.client.ServerProxy('http://user:word@127.0.0.1:%s' % port).supervisor.getState)
