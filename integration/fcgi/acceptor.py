"""What a FastCGI program is to its manager: accepts on its stdin, one client after the other, and says who it is."""
import os
import socket

listening = socket.socket(fileno=0)
while True:
    client, _ = listening.accept()
    client.sendall(f"{os.environ['SUPERVISOR_PROCESS_NAME']} {os.getpid()} {os.getuid()}".encode())
    client.close()
