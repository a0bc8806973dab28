# ruff: noqa: E501 - each program stands on one line
"""Hostile programs, by what they try. `@NAME@` stands for something of the host that the test has prepared."""

from __future__ import annotations

from typing import Final

_CALL: Final = (
    "import ctypes, os, sys\nC = ctypes.CDLL(None, use_errno=True)\nS = C.syscall\nS.restype = ctypes.c_long\n"
)
_SHOW: Final = """
def show(path):
    try:
        fd = os.open(path, os.O_RDONLY)
        print(os.read(fd, 1 << 20))
    except OSError as error:
        print(error)
"""

FILES: Final = {
    "home": _CALL + _SHOW + "show('@SECRET@')",
    "pathlib": "import pathlib\nprint(pathlib.Path('@SECRET@').read_bytes())",
    "raw open": _CALL
    + "b = ctypes.create_string_buffer(999)\nfd = S(2, b'@SECRET@', 0)\nS(0, fd, b, 999)\nprint(b.raw)",
    "openat2": _CALL + "h = (ctypes.c_uint64 * 3)()\nfd = S(437, -100, b'@SECRET@', h, 24)\nprint(os.read(fd, 99))",
    "processes": _CALL
    + _SHOW
    + "for p in ('/proc/self/environ', '/proc/1/environ', '/proc/1/mem', '/proc/@CANARY@/environ'"
    ", '/proc/@CANARY@/root@SECRET@', '/proc/1/root@SECRET@', '/etc/shadow', '/dev/mem', '/sys/kernel/debug'): show(p)",
    "write": "for mode in ('w', 'a', 'r+'):\n try: open('@SECRET@', mode).write('HARM')\n except OSError: pass",
    "new file": "open('@FOLDER@/HARM', 'w')",
    "truncate": _CALL + "S(76, b'@SECRET@', 0)",
    "unlink": _CALL + "S(87, b'@SECRET@')\nS(82, b'@SECRET@', b'@SECRET@2')",
    "mode and time": _CALL + "os.chmod('@SECRET@', 0o777)\nos.utime('@SECRET@', (1, 1))\nS(90, b'@SECRET@', 0o777)",
    "owner and attributes": _CALL + "S(92, b'@SECRET@', 65534, 65534)\nS(188, b'@SECRET@', b'user.x', b'x', 1, 0)",
    "symbolic link": "import os\nos.symlink('@SECRET@', 'link')\nprint(open('link').read())",
    "symbolic link to write": "import os\nos.symlink('@FOLDER@/HARM', 'link')\nopen('link', 'w').write('x')",
    "hard link": "import os\nos.link('@SECRET@', 'link')\nprint(open('link').read())",
    "link race": """
import os, threading
open('plain', 'w').close()
def swap():
    for _ in range(2000):
        for target in ('plain', '@SECRET@'):
            os.symlink(target, 'new'); os.replace('new', 'name')
worker = threading.Thread(target=swap); worker.start()
while worker.is_alive():
    try: print(open('name').read(), end='')
    except OSError: pass
""",
    "descriptors": "import os\nfor n in range(4, 5000):\n try:\n  os.fstat(n); print('SECRET open', n)\n except OSError: pass",
    "garbage to descriptors": "import os\nfor n in range(4, 2000):\n try: os.write(n, b'x' * 99)\n except OSError: pass",
    "device": _CALL + "S(133, b'node', 0o60666, 0x801)\nos.mkfifo('pipe')",
    "handles": _CALL + "b = ctypes.create_string_buffer(200)\nS(303, -100, b'@SECRET@', b, b, 0)\nS(304, -100, b, 0)",
    "other folders": "import os\nfor p in ('/jobs', '/tmp', '..', '/'):\n try: print('SECRET', os.listdir(p))\n except OSError: pass",
    "lease": "import fcntl, os\nfd = os.open(os.__file__, 0)\nfcntl.fcntl(fd, 1024, 0)\nprint('SECRET lease')",
}
NETWORK: Final = {
    "tcp": "import socket\nsocket.create_connection(('127.0.0.1', @PORT@), 2).send(b'HARM')",
    "udp": "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'HARM', ('127.0.0.1', @UDP@))",
    "unix": "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('@UNIX@')\ns.send(b'HARM')",
    "abstract": "import socket\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.sendto(b'HARM', '\\0@ABSTRACT@')",
    "pair to unix": "import socket\na, b = socket.socketpair(type=socket.SOCK_DGRAM)\na.sendto(b'HARM', '@DATAGRAM@')",
    "raw pair to unix": "import socket\na, b = socket.socketpair(type=socket.SOCK_RAW)\na.sendto(b'HARM', '@DATAGRAM@')",
    "pair to abstract": "import socket\na, b = socket.socketpair(type=socket.SOCK_DGRAM)\na.sendmsg([b'HARM'], [], 0, '\\0@ABSTRACT@')",
    "stream pair": "import socket\na, b = socket.socketpair()\na.sendmsg([b'HARM'], [], 0, '@DATAGRAM@')",
    "netlink": "import socket\nsocket.socket(16, 3, 0)",
    "packet": "import socket\nsocket.socket(17, 3, 3)",
    "io_uring": _CALL + "print(S(425, 8, ctypes.create_string_buffer(200)))",
}
PROCESSES: Final = {
    "subprocess": "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'echo x > @FOLDER@/HARM'])",
    "system": "import os\nos.system('kill -9 @CANARY@')",
    "posix_spawn": "import os\nos.posix_spawn('/bin/kill', ['kill', '-9', '@CANARY@'], {})",
    "execve": _CALL
    + "a = (ctypes.c_char_p * 3)(b'kill', b'@CANARY@', None)\nS(59, b'/bin/kill', a, None)\nS(322, -100, b'/bin/kill', a, None, 0)",
    "memfd": _CALL + "S(319, b'x', 0)",
    "fork": "import os\nwhile True: os.fork()",
    "raw forks": _CALL + "[S(n, 17, 0, 0, 0, 0) for n in (56, 57, 58, 435)]",
    "daemon": "import os\nif not os.fork():\n os.setsid()\n if not os.fork():\n  import time; time.sleep(999)",
    "multiprocessing": "import multiprocessing as m\np = m.Process(target=print)\np.start()",
    "kill": "import os\nfor p in (@CANARY@, @HOST@, @WORKER@, 1, -1, 0, os.getppid()):\n for s in (9, 15, 19):\n  try: os.kill(p, s)\n  except OSError: pass",
    "other kills": _CALL
    + "[S(200, p, 9) or S(234, p, p, 9) or S(129, p, 9, None) or S(424, p, 9, 0, 0) for p in (@CANARY@, @HOST@, 1)]",
    "pidfd": _CALL + "fd = S(434, @CANARY@, 0)\nS(424, fd, 9, 0, 0)\nS(438, fd, 0, 0)",
    "owner of a descriptor": "import fcntl, os, signal\nr, w = os.pipe()\nfcntl.fcntl(r, 8, @CANARY@)\nfcntl.fcntl(r, 10, 9)",
    "owner by ioctl": _CALL
    + "r, w = os.pipe()\nn = ctypes.c_int(@CANARY@)\nC.ioctl(r, 0x8901, ctypes.byref(n))\nC.ioctl(r, 0x5452, ctypes.byref(n))",
    "timer of another": _CALL
    + "e = (ctypes.c_int * 16)(0, 0, 9, 4, @CANARY@)\nt = ctypes.c_int()\nif not S(222, 0, e, ctypes.byref(t)): S(223, t, 0, (ctypes.c_long * 4)(0, 0, 0, 1), None)",
    "ptrace": _CALL + "S(101, 16, @CANARY@, 0, 0)\nS(101, 0, 0, 0, 0)",
    "memory of another": _CALL
    + "b = ctypes.create_string_buffer(99)\nv = (ctypes.c_void_p * 2)(ctypes.addressof(b), 99)\nS(310, @CANARY@, v, 1, v, 1, 0)\nS(311, @CANARY@, v, 1, v, 1, 0)",
    "limits of another": "import resource\nresource.prlimit(@CANARY@, resource.RLIMIT_CPU, (0, 0))",
}
UNDOING: Final = {
    "namespaces": _CALL
    + "[S(272, f) for f in (0x10000000, 0x20000, 0x7E020000)]\nS(308, 0, 0)\n"
    + _SHOW
    + "show('@SECRET@')",
    "roots": _CALL
    + "S(161, b'.')\nS(155, b'.', b'.')\nS(165, b'none', b'/', 0, 0x1020, 0)\nS(166, b'/usr', 2)\nS(442, -100, b'/', 0, 0, 0)\n"
    + _SHOW
    + "show('@SECRET@')",
    "new mounts": _CALL + "[S(n, b'proc', 0, 0, 0) for n in range(428, 434)]",
    "seccomp": _CALL + "S(317, 1, 0, None)\nC.prctl(22, 0, 0, 0, 0)\nC.prctl(38, 0, 0, 0, 0)",
    "landlock": _CALL + "[S(n, 0, 0, 0, 0) for n in (444, 445, 446)]\n" + _SHOW + "show('@SECRET@')",
    "dumpable": _CALL
    + "C.prctl(4, 1, 0, 0, 0)\nC.prctl(0x59616d61, -1, 0, 0, 0)\nC.prctl(36, 1, 0, 0, 0)\nC.prctl(1, 0, 0, 0, 0)",
    "capabilities": _CALL
    + "h = (ctypes.c_uint32 * 2)(0x20080522, 0)\nS(126, h, (ctypes.c_uint32 * 6)(*[0xffffffff] * 6))\nS(105, 0)\n"
    + _SHOW
    + "show('@SECRET@')",
    "kernel": _CALL
    + "[S(n, 0, 0, 0, 0, 0) for n in (321, 323, 298, 248, 249, 250, 175, 313, 246, 169, 172, 173, 135)]",
    "old calls": _CALL
    + "import mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('b8140000 00cd80c3'))\nctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()\nprint('SECRET')",
    "x32": _CALL + "S(0x40000000 + 39)\nprint('SECRET')",
    "shared memory": _CALL + "S(29, 0x4e4c, 1 << 20, 0o1666)\nS(240, b'/nl2opt', 0o102, 0o666, None)",
}
FLOODS: Final = {
    "memory": "x = bytearray(1 << 40)",
    "memory by pieces": "x = []\nwhile True: x.append(bytearray(1 << 22))",
    "shared mappings": "import mmap\nx = []\nwhile True: x.append(mmap.mmap(-1, 1 << 30))",
    "processor": "while True: pass",
    "in C": "sum(range(10 ** 12))",
    "blocked signals": "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nfor n in (1, 2, 15, 24):\n signal.signal(n, signal.SIG_IGN)\ntime.sleep(999)",
    "output": "while True: print('x' * 100000)",
    "errors": "import os\nwhile True: os.write(2, b'x' * 100000)",
    "one file": "f = open('x', 'wb')\nwhile True: f.write(b'x' * (1 << 20)); f.flush()",
    "many files": "n = 0\nwhile True:\n open(str(n), 'w').write('x'); n += 1",
    "sparse file": "import os\nf = open('x', 'wb')\nos.ftruncate(f.fileno(), 1 << 50)",
    "deep folders": "import os\nwhile True: os.mkdir('d'); os.chdir('d')",
    "locked folders": "import os\nos.mkdir('d', 0o300)\nn = 0\nwhile True:\n open(f'd/{n}', 'wb').write(b'x' * 100000); n += 1",
    "descriptors": "import os\nwhile True: os.dup(0)",
    "report": "import os\nwhile True: os.write(3, b'x' * (1 << 20))",
    "refused calls": _CALL + "while True: S(41, 1, 1, 0)",
    "recursion": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()",
}
_REPORT: Final = "import os, json\nos.ftruncate(3, 0)\nos.pwrite(3, {}, 0)\nos._exit(0)"
FORGERIES: Final = {
    "list as status": _REPORT.format('b\'{"solutions": [{"status": [], "sense": {}}]}\''),
    "nested": _REPORT.format("b'[' * 30000000"),
    "nested as a text": _REPORT.format("b'{\"notes\": [' + b'[' * 900 + b']' * 900 + b']}'"),
    "many parts": _REPORT.format("b'{\"notes\": [' + b'[],' * 9000000 + b'0]}'"),
    "no UTF-8": _REPORT.format("bytes(range(256))"),
    "not a number": _REPORT.format('b\'{"solutions": [{"status": "optimal", "objective": NaN}]}\''),
    "huge number": _REPORT.format("b'{\"notes\": [' + b'9' * 100000 + b']}'"),
    "half characters": _REPORT.format(
        'b\'{"solutions": [{"status": "optimal", "model": {"format": "lp", "text": "\\\\ud800", "names": {"\\\\ud800": 1}}}]}\''
    ),
    "pickle": _REPORT.format("__import__('pickle').dumps(OSError())"),
    "code of the child": "import os\nos._exit(97)",
    "nameless signal": "import os\nos.kill(os.getpid(), 40)",
    "exit in a thread": "import os, threading\nthreading.Thread(target=lambda: os._exit(0)).start()\nwhile True: pass",
    "exit at the end": "import atexit, os\natexit.register(lambda: os._exit(3))",
    "crash": "import ctypes\nctypes.string_at(0)",
    "closed outputs": "import os\nos.closerange(0, 9)",
    "control codes": "print('\\x1b]0;x\\x07\\x1b[2J\\u202e')\nimport os\nos.write(1, b'\\xff\\x9b')",
}
POISON: Final = {
    "modules": "import sys, builtins, json\nbuiltins.POISON = 1\njson.dumps = None\nsys.modules['pyomo'] = None\nimport os\nos.environ['POISON'] = '1'",
    "left modules": "for n in ('pyomo', 'sitecustomize', 'numpy', 'x'):\n open(n + '.py', 'w').write('POISON = 1')\nopen('x.pth', 'w').write('import x')",
    "descriptor state": "import fcntl\nfcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | 0o2000)",
}
AFTER_POISON: Final = """
import builtins, fcntl, json, os, sys, pyomo.environ
assert not hasattr(builtins, 'POISON') and 'POISON' not in os.environ and json.dumps({}) == '{}'
assert not os.listdir('.') and not fcntl.fcntl(0, fcntl.F_GETFL) & 0o2000
print('clean')
"""
