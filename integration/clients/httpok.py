"""The work of superlance's httpok: at each tick a URL is asked for, and if the answer is not 200 a process is restarted."""
import getopt
import os
import sys
import urllib.error
import urllib.request

from supervisor import childutils
from supervisor.states import ProcessStates

pairs, (url,) = getopt.getopt(sys.argv[1:], 'p:t:m:s:')
options = dict(pairs)
rpc = childutils.getRPCInterface(os.environ)
while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    try:
        status = urllib.request.urlopen(url, timeout=int(options['-t'])).status
    except (OSError, urllib.error.URLError) as error:
        status = error
    if status != 200:
        for info in rpc.supervisor.getAllProcessInfo():
            if info['name'] == options['-p'] and info['state'] == ProcessStates.RUNNING:
                full = '%(group)s:%(name)s' % info
                rpc.supervisor.stopProcess(full)
                rpc.supervisor.startProcess(full)
                with os.popen(options['-s'], 'w') as mail:
                    mail.write('To: %s\nSubject: httpok for %s: bad status returned\n\n%s restarted' % (options['-m'], url, full))
    childutils.listener.ok(sys.stdout)
