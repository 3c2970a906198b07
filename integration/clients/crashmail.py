"""The work of superlance's crashmail, by the same calls of supervisor.childutils and with its options: mails when a process crashes."""
import getopt
import os
import sys

from supervisor import childutils

options = dict(getopt.getopt(sys.argv[1:], 'am:s:')[0])
while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    if headers['eventname'] == 'PROCESS_STATE_EXITED':
        process, _ = childutils.eventdata(payload + '\n')
        if not int(process['expected']):
            with os.popen(options['-s'], 'w') as mail:
                mail.write('To: %s\nSubject: %s crashed\n\n' % (options['-m'], process['processname']))
                mail.write('exited unexpectedly (pid %(pid)s) from state %(from_state)s' % process)
    childutils.listener.ok(sys.stdout)
