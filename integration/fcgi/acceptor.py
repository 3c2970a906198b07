"""What a FastCGI program is to its manager: accepts on its stdin, one client after the other, and says who it is.

Whom it has taken it answers, also when it is asked to end meanwhile: a client that is lost was lost by the manager.
"""
import os
import select
import signal
import socket

ending = False


def end(*_):
    global ending
    ending = True


woken, wake = socket.socketpair()
wake.setblocking(False)
signal.set_wakeup_fd(wake.fileno())
signal.signal(signal.SIGTERM, end)
listening = socket.socket(fileno=0)
listening.setblocking(False)
while not ending:
    readable, _, _ = select.select([listening, woken], [], [])
    if ending or listening not in readable:
        continue
    try:
        client, _ = listening.accept()
    except BlockingIOError:
        # Another of the pool was faster.
        continue
    client.sendall(f"{os.environ['SUPERVISOR_PROCESS_NAME']} {os.getpid()} {os.getuid()}".encode())
    client.close()
