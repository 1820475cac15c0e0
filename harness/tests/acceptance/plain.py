"""What the services of these tests share: an answer, and that they know no method but GET."""
import http.server


class Plain(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, media_type="application/json"):
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self):
        self.send_response(405)
        self.send_header("allow", "GET")
        self.send_header("content-length", "0")
        self.end_headers()

    do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_PATCH = do_TRACE = refuse

    def log_message(self, *_):
        pass
