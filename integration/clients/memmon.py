"""The work of superlance's memmon: at each tick, whoever takes too much memory is restarted by XML-RPC, and it is mailed."""
import getopt
import os
import sys

from supervisor import childutils
from supervisor.datatypes import byte_size

options = dict(getopt.getopt(sys.argv[1:], 'p:m:s:')[0])
name, size = options['-p'].split('=')
rpc = childutils.getRPCInterface(os.environ)
while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    for info in rpc.supervisor.getAllProcessInfo():
        if info['name'] != name or not info['pid']:
            continue
        with open('/proc/%s/statm' % info['pid']) as statm:
            rss = int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
        if rss > byte_size(size):
            full = '%(group)s:%(name)s' % info
            rpc.supervisor.stopProcess(full)
            rpc.supervisor.startProcess(full)
            with os.popen(options['-s'], 'w') as mail:
                mail.write('To: %s\nSubject: memmon: process %s restarted\n\n' % (options['-m'], full))
    childutils.listener.ok(sys.stdout)
