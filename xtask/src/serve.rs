//! A static file server for the page: this machine only, one folder, GET and HEAD.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest request head, in bytes, that is read; a browser's is well below.
const MAX_HEAD: u64 = 16 * 1024;
/// How long a connection may be silent.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `folder` on `port` of this machine until the process ends; port 0 takes a free one.
///
/// # Errors
/// When the folder does not exist or the port is taken.
pub fn serve(folder: &Path, port: u16) -> Result<(), String> {
    let folder = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|e| format!("port {port}: {e}; choose another with --port"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    println!("The page is at http://{address}/ (Ctrl+C ends it)");
    for stream in listener.incoming().flatten() {
        let folder = folder.clone();
        std::thread::spawn(move || converse(&folder, stream));
    }
    Ok(())
}

/// Answers one request and closes. An error means that the other side has gone; there is nobody to tell.
fn converse(folder: &Path, mut stream: TcpStream) -> Option<()> {
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    let line = read_request(&stream)?;
    stream.write_all(&answer(folder, &line)).ok()
}

/// Reads a request to the end of its head and gives its first line.
fn read_request(stream: impl Read) -> Option<String> {
    let mut lines = BufReader::new(stream.take(MAX_HEAD)).lines();
    let first = lines.next()?.ok()?;
    lines.map_while(Result::ok).find(String::is_empty)?;
    Some(first)
}

/// The whole answer to a request with this first line.
fn answer(folder: &Path, request: &str) -> Vec<u8> {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if method != "GET" && method != "HEAD" {
        return response("405 Method Not Allowed", "text/plain; charset=utf-8", b"GET and HEAD only\n", true);
    }
    let found = locate(folder, target).and_then(|path| Some((mime(&path), std::fs::read(&path).ok()?)));
    match found {
        Some((mime, body)) => response("200 OK", mime, &body, method == "GET"),
        None => response(
            "404 Not Found",
            "text/plain; charset=utf-8",
            b"There is no such file.\n",
            method == "GET",
        ),
    }
}

fn response(status: &str, mime: &str, body: &[u8], with_body: bool) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut bytes = head.into_bytes();
    if with_body {
        bytes.extend_from_slice(body);
    }
    bytes
}

/// The file a request target means, if it exists inside `folder`, which must be canonical.
fn locate(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let wanted = folder.join(decode(path)?);
    let file = if wanted.is_dir() { wanted.join("index.html") } else { wanted };
    // Links and dots resolved: what is left must still be inside.
    let file = file.canonicalize().ok()?;
    (file.starts_with(folder) && file.is_file()).then_some(file)
}

/// Undoes percent-encoding; an absolute path or bad encoding is `None`.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (hex(*high)? * 16 + hex(*low)?, tail),
            (b'%', _) => return None,
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).ok().filter(|path| !path.starts_with('/'))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The media type by the file's extension. Browsers refuse modules and WebAssembly of the wrong type.
fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This crate's own folder.
    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap()
    }

    fn status(request: &str) -> String {
        let bytes = answer(&folder(), request);
        String::from_utf8_lossy(&bytes).split(' ').nth(1).unwrap().to_string()
    }

    #[test]
    fn a_file_is_sent_whole() {
        let text = String::from_utf8(answer(&folder(), "GET /Cargo.toml?x=1 HTTP/1.1")).unwrap();
        let body = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.contains(&format!("Content-Length: {}\r\n", body.len())));
        assert!(text.ends_with(&format!("\r\n\r\n{body}")));
    }

    #[test]
    fn head_has_the_length_but_no_body() {
        let text = String::from_utf8(answer(&folder(), "HEAD /Cargo.toml HTTP/1.1")).unwrap();
        assert!(text.ends_with("\r\n\r\n") && !text.contains("Content-Length: 0"), "{text}");
    }

    #[test]
    fn nothing_outside_the_folder_is_sent() {
        for target in [
            "/../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/src/../../Cargo.toml",
            "//etc/passwd",
            "/%2fetc/passwd",
        ] {
            assert_eq!(status(&format!("GET {target} HTTP/1.1")), "404", "{target}");
        }
    }

    #[test]
    fn bad_requests_are_answered() {
        let cases = [
            ("GET / HTTP/1.1", "404"),
            ("GET /src HTTP/1.1", "404"),
            ("GET /%zz HTTP/1.1", "404"),
            ("GET /% HTTP/1.1", "404"),
            ("GET /%00 HTTP/1.1", "404"),
            ("GET http://x/ HTTP/1.1", "404"),
            ("POST /Cargo.toml HTTP/1.1", "405"),
            ("", "405"),
        ];
        for (request, expected) in cases {
            assert_eq!(status(request), expected, "{request}");
        }
    }

    #[test]
    fn a_folder_means_its_index() {
        let www = std::env::temp_dir().join(format!("xtask-serve-{}", std::process::id()));
        std::fs::create_dir_all(&www).unwrap();
        std::fs::write(www.join("index.html"), "hello").unwrap();
        let text = String::from_utf8(answer(&www.canonicalize().unwrap(), "GET / HTTP/1.1")).unwrap();
        std::fs::remove_dir_all(&www).unwrap();
        assert!(
            text.contains("Content-Type: text/html; charset=utf-8\r\n") && text.ends_with("hello"),
            "{text}"
        );
    }

    #[test]
    fn a_request_is_read_to_the_end_of_its_head() {
        let read = |text: &str| read_request(text.as_bytes());
        assert_eq!(read("GET / HTTP/1.1\r\nHost: x\r\n\r\n").as_deref(), Some("GET / HTTP/1.1"));
        assert_eq!(read("GET / HTTP/1.1\r\nHost: x\r\n"), None);
        assert_eq!(read(&format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(20_000))), None);
    }

    #[test]
    fn modules_and_webassembly_have_the_types_browsers_insist_on() {
        assert_eq!(mime(Path::new("a.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("a_bg.wasm")), "application/wasm");
        assert_eq!(mime(Path::new("a")), "application/octet-stream");
    }
}
