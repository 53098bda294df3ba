#!/usr/bin/env python3
"""An export API on the loopback that misbehaves when told to.

usage: export_server.py PORT_FILE LOG [RULE...]

A day has 100 events, 10 of which are there twice.  A rule is FAULT:TEXT[:N]:
the first N (1) requests whose target contains TEXT get the fault:
  429, 503, 401, 400    that status (429 with Retry-After: 1)
  cut                   the connection breaks in the middle of a line
  cutclean              the answer ends in the middle of a line, well-formed
  repeat                the page before again (profiles)
"""
import datetime
import gzip
import http.server
import json
import os
import sys
import threading
import urllib.parse

port_file, log_name, *rules = sys.argv[1:]
lock = threading.Lock()
faults = []
for rule in rules:
    fault, text, *times = rule.split(":")
    faults.append([fault, text, int(times[0]) if times else 1])


def fault_of(target):
    with lock:
        for fault in faults:
            if fault[2] > 0 and fault[1] in target:
                fault[2] -= 1
                return fault[0]
    return None


def events(first, last):
    day = datetime.date.fromisoformat(first)
    lines = []
    while day <= datetime.date.fromisoformat(last):
        base = int(datetime.datetime(
            day.year, day.month, day.day, tzinfo=datetime.timezone.utc
        ).timestamp())
        for i in list(range(100)) + list(range(10)):
            lines.append(json.dumps({"event": "e%d" % (i % 3), "properties": {
                "time": base + i, "distinct_id": "u%d" % (i % 7),
                "$insert_id": "%s-%d" % (day, i), "n": i}}))
        day += datetime.timedelta(days=1)
    return ("\n".join(lines) + "\n").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_request(self, body):
        target = self.path + ("?" + body if body else "")
        fault = fault_of(target)
        with lock, open(log_name, "a") as log:
            log.write("%s %s %s\n" % (fault or "ok",
                self.headers.get("Authorization", "-"), target))
        if fault in ("429", "503", "401", "400"):
            self.answer(int(fault), b"told so\n",
                [("Retry-After", "1")] if fault == "429" else [])
        elif self.path.startswith("/api/2.0/export"):
            self.export(fault)
        elif self.path.startswith("/api/query/engage"):
            self.engage(urllib.parse.parse_qs(body), fault)
        else:
            self.answer(404, b"no such path\n")

    def export(self, fault):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        data = events(query["from_date"][0], query["to_date"][0])
        if fault == "cutclean":
            self.answer(200, data[:len(data) // 2 + 3])
            return
        packed = gzip.compress(data)
        if fault == "cut":
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2 + 3])
            self.wfile.flush()
            self.close_connection = True
            return
        self.answer(200, packed, [("Content-Encoding", "gzip")])

    def engage(self, form, fault):
        page = int(form["page"][0])
        if page > 0 and form.get("session_id") != ["s1"]:
            self.answer(400, b"no session\n")
            return
        if fault == "repeat":
            page -= 1
        results = [{"$distinct_id": "u%d" % i, "$properties": {
            "$last_seen": "2024-01-01T00:00:00", "n": i}}
            for i in range(page * 10, min(page * 10 + 12, 25))]
        answer = {"page": page, "page_size": 10, "session_id": "s1",
            "results": results, "status": "ok"}
        self.answer(200, json.dumps(answer, indent=1).encode())

    def do_GET(self):
        self.handle_request("")

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        self.handle_request(self.rfile.read(length).decode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".tmp", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".tmp", port_file)
threading.Timer(600, lambda: os._exit(1)).start()
server.serve_forever()
