"""An event listener that behaves as its first argument says, and writes down the serial and name of each event that it is given."""
import os
import sys

mode, path = sys.argv[1], sys.argv[2]
out = open(path, "a")
rounds = 0


def say(text, one_by_one=False):
    for part in text if one_by_one else [text]:
        sys.stdout.write(part)
        sys.stdout.flush()


if mode == "hello":
    say("hello\n")
if mode == "half":
    say("READ")
    sys.stdin.read()
while True:
    say("READY\n")
    line = sys.stdin.readline()
    if not line:
        break
    header = dict(token.split(":", 1) for token in line.split())
    sys.stdin.read(int(header["len"]))
    out.write("%s %s\n" % (header["poolserial"], header["eventname"]))
    out.flush()
    rounds += 1
    first = not os.path.exists(path + ".first")
    open(path + ".first", "a").close()
    if mode == "fails" and first:
        say("RESULT 4\nFAIL")
    elif mode == "dies" and first:
        sys.exit(3)
    elif mode == "nonsense" and first:
        say("RESULT abc\n")
        sys.stdin.read()
    elif mode == "slowly":
        say("RESULT 2\nOK", one_by_one=True)
    elif mode == "other" and first:
        say("RESULT 5\nhello")
    else:
        say("RESULT 2\nOK")
