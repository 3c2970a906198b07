"""One command on a terminal of its own. Reads JSON from stdin: argv, env, steps [{wait, send}], limit (seconds). Each step waits until its
text has been written after what the former one waited for, and until the program waits for something, and then types. Prints JSON:
output, code (128 + N: ended by signal N)."""
import json
import os
import pty
import select
import signal
import sys
import time

given = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(given["argv"][0], given["argv"], given["env"])
output = b""
seen = 0
limit = time.monotonic() + given["limit"]


def read():
    """False when the program has closed its terminal."""
    global output
    ready, _, _ = select.select([terminal], [], [], max(0, limit - time.monotonic()))
    if not ready:
        os.kill(pid, signal.SIGKILL)
        sys.exit("not in time; so far: %r" % output)
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        return False
    output += chunk
    return chunk != b""


def asleep():
    """A Ctrl-C that comes while supervisorctl still works on what it has just written is an error to it; a person is not so quick."""
    with open("/proc/%d/stat" % pid) as stat:
        return stat.read().rpartition(")")[2].split()[0] != "R"


for step in given["steps"]:
    wanted = step["wait"].encode()
    while wanted not in output[seen:]:
        if not read():
            sys.exit("ended before %r; so far: %r" % (wanted, output))
    seen = output.index(wanted, seen) + len(wanted)
    while not asleep() and time.monotonic() < limit:
        time.sleep(0.005)
    os.write(terminal, step["send"].encode())
while read():
    pass
_, status = os.waitpid(pid, 0)
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
json.dump({"output": output.decode("utf-8", "replace"), "code": code}, sys.stdout)
