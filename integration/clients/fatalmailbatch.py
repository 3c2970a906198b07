"""The work of superlance's fatalmailbatch: gathers what became FATAL, and mails it over SMTP at a tick."""
import optparse
import smtplib
import sys

from supervisor import childutils

parser = optparse.OptionParser()
for short, long in (('-t', '--toEmail'), ('-f', '--fromEmail'), ('-H', '--smtpHost'), ('-e', '--tickEvent'), ('-i', '--interval')):
    parser.add_option(short, long, dest=long[2:])
options = parser.parse_args()[0]
lines = []
while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    if headers['eventname'] == 'PROCESS_STATE_FATAL':
        process, _ = childutils.eventdata(payload + '\n')
        lines.append('Process %(groupname)s:%(processname)s failed to start too many times' % process)
    elif headers['eventname'] == options.tickEvent and lines:
        server = smtplib.SMTP(options.smtpHost)
        server.sendmail(options.fromEmail, [options.toEmail], 'Subject: Fatal\n\n' + '\n'.join(lines))
        server.quit()
        lines = []
    childutils.listener.ok(sys.stdout)
