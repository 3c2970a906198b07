"""An event listener that writes down when it was told of each state: nanoseconds, event, name of the process."""
import sys
import time

out = open(sys.argv[1], "a", buffering=1)
while True:
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    line = sys.stdin.readline()
    at = time.time_ns()
    if not line:
        break
    headers = dict(part.split(":", 1) for part in line.split())
    payload = sys.stdin.read(int(headers["len"]))
    fields = dict(part.split(":", 1) for part in payload.split() if ":" in part)
    out.write("%d %s %s\n" % (at, headers["eventname"], fields.get("processname", "")))
    sys.stdout.write("RESULT 2\nOK")
    sys.stdout.flush()
