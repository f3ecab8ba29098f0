//! Texts in place of a model.

use super::{Format, Impostor, bytes, inside, json, markup, quoted, signature, start};
use crate::limits;
use crate::source::{ByteSource, ReadError};

/// Letters of a text that are quoted.
const QUOTED: usize = 60;
/// Letters of the longest text that is taken for an error message.
const ERROR_LETTERS: usize = 400;
/// Words of error messages.
const ERRORS: &[&str] = &[
    "not found",
    "404",
    "403",
    "denied",
    "forbidden",
    "unauthorized",
    "expired",
    "invalid",
    "error",
    "failed",
    "too many requests",
    "bad gateway",
    "unavailable",
    "no such",
];

/// What the file is, when it is text.
pub(super) fn of_text(source: &dyn ByteSource) -> Result<Option<Impostor>, ReadError> {
    let head = start(source, limits::TEXT_BYTES)?;
    if head.starts_with(b"HTTP/1.") || head.starts_with(b"HTTP/2") {
        return http(source, &head);
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || is_utf16(&head) {
        return Ok(Some(Impostor::Known(Format::Utf16)));
    }
    let Some(text) = as_text(&head) else {
        return Ok(
            is_old_text(&head).then(|| plain(&head.iter().map(|byte| char::from(*byte)).collect::<String>()))
        );
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '"', '[']) || text.contains("class_name:") {
        return structured(source, text);
    }
    Ok(Some(of_words(text)))
}

/// JSON and YAML, read whole where they are no longer than a model's architecture can be.
fn structured(source: &dyn ByteSource, text: &str) -> Result<Option<Impostor>, ReadError> {
    let whole = bytes(source, 0, limits::MAX_JSON_BYTES as u64)?;
    let whole = as_text(&whole).unwrap_or(text).trim_start_matches('\u{feff}').trim();
    let found = if whole.starts_with(['{', '"', '[']) { json::of_json(whole) } else { json::of_yaml(whole) };
    Ok(Some(found.unwrap_or_else(|| of_words(text))))
}

/// The bytes as text, when they are; a character may be cut at their end.
fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() + 4 > bytes.len() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    // Terminals' colours begin with escape.
    let is_odd = |c: char| c.is_control() && !c.is_whitespace() && c != '\u{1b}';
    (!text.is_empty() && !text.chars().any(is_odd)).then_some(text)
}

/// Text of a code page: mostly ASCII, and no control characters.
fn is_old_text(head: &[u8]) -> bool {
    let is_ascii = |byte: &&u8| matches!(**byte, 9..=13 | 32..=126);
    let is_letter = |byte: &u8| matches!(*byte, 9..=13 | 27 | 32..=126 | 128..);
    head.iter().all(is_letter) && head.iter().filter(is_ascii).count() * 10 >= head.len() * 6
}

/// Letters and zeros in turn.
fn is_utf16(head: &[u8]) -> bool {
    let begin = &head[..head.len().min(256) & !1];
    let turns = |letter: usize| {
        begin.chunks_exact(2).all(|pair| pair[1 - letter] == 0 && matches!(pair[letter], 9..=13 | 32..=126))
    };
    begin.len() >= 16 && (turns(0) || turns(1))
}

/// A server's answer, saved with its headers.
fn http(source: &dyn ByteSource, head: &[u8]) -> Result<Option<Impostor>, ReadError> {
    let status = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let status = quoted(&String::from_utf8_lossy(status), QUOTED);
    let end =
        |mark: &[u8]| head.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len());
    let body = end(b"\r\n\r\n").or_else(|| end(b"\n\n")).map(|at| at as u64);
    let hdf5 = match body {
        Some(at) if signature::is_at(source, at)? => Some(at),
        Some(_) | None => signature::displaced(source)?,
    };
    Ok(Some(Impostor::Http { status, hdf5 }))
}

fn of_words(text: &str) -> Impostor {
    let known = pointer(text)
        .or_else(|| markup::of_markup(text))
        .or_else(|| encoded(text))
        .or_else(|| json::of_yaml(text));
    known.or_else(|| source_code(text).map(Impostor::Known)).unwrap_or_else(|| plain(text))
}

/// What version control leaves in place of a large file.
fn pointer(text: &str) -> Option<Impostor> {
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(|value| quoted(value, 100));
    if text.starts_with("version https://git-lfs.github.com/spec/")
        || text.starts_with("version https://hawser.github.com/spec/")
    {
        let size = field("size ").and_then(|size| size.parse().ok());
        return Some(Impostor::GitLfsPointer { oid: field("oid sha256:").unwrap_or_default(), size });
    }
    if text.starts_with("model_checkpoint_path:") {
        return Some(Impostor::Known(Format::TensorFlowCheckpoint));
    }
    // Protocol 0 is text; a dictionary, a list, or an object to be made again.
    if ["(dp0\n", "(lp0\n", "ccopy_reg\n", "cnumpy."].iter().any(|begin| text.starts_with(begin)) {
        return Some(Impostor::Pickle(Vec::new()));
    }
    let annex =
        text.len() < 1000 && (text.contains(".git/annex/objects/") || text.starts_with("/annex/objects/"));
    annex.then_some(Impostor::Known(Format::AnnexPointer))
}

/// Binary written as text: base64, with or without the head of a data URL or a mail, or hexadecimal.
fn encoded(text: &str) -> Option<Impostor> {
    let hex: String =
        text.chars().filter(char::is_ascii_hexdigit).take(40).collect::<String>().to_ascii_lowercase();
    if hex.contains("894844460d0a1a0a") && text.starts_with(|c: char| c.is_ascii_hexdigit() || c == '\\') {
        return Some(Impostor::Known(Format::HexDump));
    }
    let body =
        text.strip_prefix("data:").and_then(|url| url.split_once("base64,")).map_or(text, |(_, body)| body);
    let body = match body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n")) {
        Some((headers, body)) if headers.contains("base64") => body,
        _ => body,
    };
    let bytes = base64(body.trim_start());
    let found = signature::damaged(&bytes).map(|_| "a damaged HDF5 file".to_string());
    inside(&bytes).or_else(|| found.filter(|_| bytes.len() > 32)).map(Impostor::Base64)
}

/// The first bytes that base64 text stands for; none where it is something else. Both alphabets are taken.
fn base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace()).take(1024) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return Vec::new(),
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn source_code(text: &str) -> Option<Format> {
    let starts = |words: &[&str]| text.lines().any(|line| words.iter().any(|word| line.starts_with(word)));
    if starts(&["<<<<<<< "]) && starts(&[">>>>>>> ", "======="]) {
        return Some(Format::GitConflict);
    }
    let import = |line: &str| {
        line.starts_with("import ")
            || line.strip_prefix("from ").is_some_and(|rest| rest.contains(" import "))
    };
    (text.lines().any(import) || starts(&["#!/usr/bin/env python", "#!/usr/bin/python", "# -*- coding"]))
        .then_some(Format::PythonSource)
}

fn plain(text: &str) -> Impostor {
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    if is_address && text.trim_end().lines().count() == 1 {
        return Impostor::Known(Format::Shortcut);
    }
    let lower = text.to_ascii_lowercase();
    if text.len() <= ERROR_LETTERS && ERRORS.iter().any(|word| lower.contains(word)) {
        return Impostor::ErrorText(quoted(text, 200));
    }
    Impostor::Text(quoted(text, QUOTED))
}
