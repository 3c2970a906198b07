/** What `-h` prints, to which the name of the program is added. */
export const usageText = (
  argv0: string,
): string => `${argv0} -- controls the programs of a dockvisord (or supervisord).

Usage: ${argv0} [options] [action [arguments]]

Options:
-c/--configuration FILENAME -- configuration file (searched for if not given)
-h/--help -- print this and exit
-i/--interactive -- a shell that takes actions
-s/--serverurl URL -- where the daemon listens: http://host:port or
     unix:///path (default "http://localhost:9001")
-u/--username USERNAME -- login of the server
-p/--password PASSWORD -- password of the server
-r/--history_file FILENAME -- keep the history of the shell in this file
--json -- JSON from status, why, pid, avail, reread, version, tail and maintail
--version -- print the version of this program and exit

Without an action a shell is started. "help" as the action lists the actions,
and "help ACTION" says what one does.

Example: ${argv0} -s unix:///run/dockvisor.sock status web
`;
