"""Listens as systemd does for sd_notify(3) and prints each message on a line. The argument is the socket's path."""

import array
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, ancillary, _flags, _address = listener.recvmsg(4096, socket.CMSG_SPACE(16))
    # A sender waits until its descriptor is closed: then what it said before has been taken.
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            for descriptor in array.array("i", payload[: len(payload) // 4 * 4]):
                os.close(descriptor)
    print(data.decode().replace("\n", " "), flush=True)
