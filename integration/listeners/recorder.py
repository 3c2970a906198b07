"""An event listener of the common form: records header and payload of each event, a JSON line each, and answers OK."""
import json
import sys

out = open(sys.argv[1], "a")
while True:
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        break
    header = dict(token.split(":", 1) for token in line.split())
    payload = sys.stdin.read(int(header["len"]))
    out.write(json.dumps([header, payload]) + "\n")
    out.flush()
    sys.stdout.write("RESULT 2\nOK")
    sys.stdout.flush()
