//! `F002`: something else under the name of an `.h5`.

use super::Facts;
use crate::finding::{Finding, Place, Rule, Severity};
use crate::sniff::{Impostor, Kind, Mangling, Page, Partial, ZipContents};

/// See `meaning` and `fix`.
pub static RULE: Rule = Rule {
    code: "F002",
    name: "not-hdf5",
    severity: Severity::Error,
    meaning: "The file is not HDF5, whatever its name says. No Keras loader opens it as `.h5`.",
    fix: "Get the file again from its source, as a binary download.",
};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Kind::Other(impostor)) = facts.kind else { return Vec::new() };
    let (what, fix) = words(impostor);
    vec![Finding::new(&RULE, Place::Byte(0), format!("The file is {what}.")).with_fix(fix)]
}

/// What it is, and the one step that helps.
fn words(impostor: &Impostor) -> (String, String) {
    match impostor {
        Impostor::Known(format) => (format.what().into(), format.fix().into()),
        Impostor::Html(page) => html(page),
        Impostor::GitLfsPointer { oid, size } => lfs(oid, *size),
        Impostor::XmlError { code, message } => xml_error(code, message),
        Impostor::JsonError(message) => (format!("a server's error message in JSON: “{message}”"), RETRY.into()),
        Impostor::ErrorText(message) => {
            (format!("plain text that reads like an error message: “{message}”"), RETRY.into())
        }
        Impostor::Http { status, hdf5 } => http(status, *hdf5),
        Impostor::Mangled(mangling) => mangled(*mangling),
        Impostor::Zip(contents) => zip(contents),
        Impostor::Arrays { archive, arrays, .. } => numpy(*archive, arrays),
        Impostor::Architecture { class, layers, yaml } => architecture(class, *layers, *yaml),
        Impostor::Pickle(packages) => pickle(packages),
        Impostor::Part(Partial::Split) => (
            "a part of a larger file, by its name: the part's own bytes have no signature".into(),
            "Put all parts together in order (`cat model.h5.part* > model.h5`, in Windows `copy /b A+B model.h5`).".into(),
        ),
        Impostor::Part(Partial::Unfinished) => (
            "an unfinished download, by its name".into(),
            "Let the download end, or start it again.".into(),
        ),
        Impostor::DamagedSignature => (
            "HDF5 whose first eight bytes are damaged".into(),
            "Download it again. If only the signature is damaged, writing \\x89HDF\\r\\n\\x1a\\n over the first eight bytes restores it.".into(),
        ),
        Impostor::Shifted(offset) => (
            format!("HDF5 that begins at byte {offset}, where no library looks for it: only 0, 512, 1024, 2048, … count"),
            format!("Cut off what stands in front: `tail -c +{} model.h5 > real.h5`.", offset + 1),
        ),
        Impostor::Base64(inside) => (
            format!("base64 text of {inside}"),
            "Decode it: `base64 --decode file.h5 > model.h5` (without what stands in front of the letters, if anything does).".into(),
        ),
        Impostor::Gzip(inside) => gzip(inside.as_deref()),
        Impostor::Zeros => (
            "made of zeros: every byte that was looked at is zero".into(),
            "Download or copy it again; the room for it was set aside and its bytes never written.".into(),
        ),
        Impostor::Tar { names, count } => {
            (format!("a tar archive{}", listed(names, *count)), "Unpack it: `tar xf model.h5`; the model may be inside.".into())
        }
        Impostor::Text(start) if start.is_empty() => {
            ("text of nothing but white space".into(), "Download or save the file again.".into())
        }
        Impostor::Text(start) => (
            format!("plain text that begins with “{start}”"),
            "Read the text; it may say why the model was not delivered. Then download the model again.".into(),
        ),
        Impostor::Unknown => ("not HDF5: its signature is nowhere in it".into(), RULE.fix.into()),
    }
}

/// The step after a server's error message.
const RETRY: &str = "Read the message; the link may have expired or need a sign-in. Then download the model again.";

fn xml_error(code: &str, message: &str) -> (String, String) {
    let message = if message.is_empty() { String::new() } else { format!(": “{message}”") };
    (format!("a storage server's error message in XML, {code}{message}"), RETRY.into())
}

fn http(status: &str, hdf5: Option<u64>) -> (String, String) {
    let what = format!("a server's answer with its headers in front ({status})");
    match hdf5 {
        Some(offset) => (
            format!("{what}, and HDF5 from byte {offset} on"),
            format!("Cut the headers off: `tail -c +{} model.h5 > real.h5`; with curl, leave out `-i`.", offset + 1),
        ),
        None => (what, RETRY.into()),
    }
}

fn html(page: &Page) -> (String, String) {
    let title = if page.title.is_empty() { String::new() } else { format!(", with the title “{}”", page.title) };
    let fix = page.fix.unwrap_or(
        "The link led to a page about the file. Open it in a browser and use the page's own download button or raw link.",
    );
    match page.what {
        Some(what) => (format!("a web page (HTML){title}: {what}"), fix.into()),
        None => (format!("a web page (HTML){title}"), fix.into()),
    }
}

fn mangled(mangling: Mangling) -> (String, String) {
    let binary = "Transfer it again in binary mode (in Git, mark `*.h5 binary` in .gitattributes).";
    let (how, fix) = match mangling {
        Mangling::LineFeedsToPairs => (
            "every line feed became carriage return and line feed",
            "Transfer it again in binary mode. Or take the carriage return before every line feed away, which restores it: `perl -pe 's/\\r\\n/\\n/' model.h5 > real.h5`.",
        ),
        Mangling::CodePageAsUtf8 => (
            "its bytes were taken for letters of one code page and written as UTF-8",
            "Transfer it again in binary mode, or try `iconv -f utf-8 -t latin1 model.h5 > real.h5` (or `-t cp1252`, `-t cp437`).",
        ),
        Mangling::Utf16 => (
            "its bytes were written as UTF-16",
            "Download it again without `>` in PowerShell: use `curl.exe -o model.h5` or `Invoke-WebRequest -OutFile`.",
        ),
        Mangling::FirstByteLost => (
            "its first byte is missing",
            "Transfer it again in binary mode. If only that byte is missing, put \\x89 in front: `printf '\\211' | cat - model.h5 > real.h5`.",
        ),
        Mangling::EndsAtControlZ => ("it ends where DOS sees the end of a text", binary),
        Mangling::LoneLineFeedsToPairs => ("line feeds became carriage return and line feed", binary),
        Mangling::PairsToLineFeeds => ("every carriage return and line feed became one line feed", binary),
        Mangling::OtherLineEnds => ("its line ends were rewritten", binary),
        Mangling::SevenBits => ("the eighth bit of every byte was cut off", binary),
        Mangling::Replaced => ("bytes that are no text were replaced", binary),
    };
    (format!("HDF5 that was transferred as text: {how}"), fix.into())
}

fn numpy(archive: bool, arrays: &[String]) -> (String, String) {
    let (first, more) = (&arrays[..arrays.len().min(8)], arrays.len().saturating_sub(8));
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let list = if arrays.is_empty() { String::new() } else { format!(": {}{more}", first.join(", ")) };
    if archive {
        let count = if arrays.len() == 1 { "one NumPy array".into() } else { format!("{} NumPy arrays", arrays.len()) };
        let what = format!("an archive of {count} (.npz){list}");
        return (what, "Read it with `numpy.load(...)` and assign the arrays with `layer.set_weights(...)`.".into());
    }
    (format!("one NumPy array (.npy){list}"), "Read it with `numpy.load(...)`; a model has many arrays.".into())
}

fn architecture(class: &str, layers: usize, yaml: bool) -> (String, String) {
    let (form, function) = if yaml { ("YAML", "model_from_yaml") } else { ("JSON", "model_from_json") };
    let layers = if layers == 1 { "1 layer".into() } else { format!("{layers} layers") };
    (
        format!("{form} with an architecture and no weights: class {class}, {layers}, as `model.to_{}()` gives it", form.to_lowercase()),
        format!("Build the model with `{function}(...)` and load its weights from their own file."),
    )
}

fn pickle(packages: &[&str]) -> (String, String) {
    let of = if packages.is_empty() { String::new() } else { format!(" with objects of {}", packages.join(", ")) };
    let fix = "Only Python's pickle module reads it: open it only if you trust its origin.";
    (format!("a Python pickle{of}: loading it runs code from it"), fix.into())
}

fn gzip(inside: Option<&str>) -> (String, String) {
    let what = inside.map_or("compressed with gzip".into(), |inside| format!("compressed with gzip; inside is {inside}"));
    let fix = match inside {
        Some("a tar archive") => "Unpack it: `tar xzf model.h5`; the model is inside.",
        _ => "Decompress it: `gunzip -c model.h5 > real.h5`.",
    };
    (what, fix.into())
}

fn lfs(oid: &str, size: Option<u64>) -> (String, String) {
    let size = size.map_or("unknown size".to_string(), |size| format!("{size} bytes"));
    let what = format!("a Git LFS pointer: the real file has {size} and the SHA-256 {oid}");
    (what, "Run `git lfs pull` in the repository, or download the file through the site's download button.".into())
}

fn zip(contents: &ZipContents) -> (String, String) {
    let kind = if contents.encrypted { "a zip archive with a password" } else { "a zip archive" };
    let (begin, end, unpack) = match contents.complete {
        true => ("", "", "Unpack it"),
        false => ("the beginning of ", "; its end is missing", "Download it again, then unpack it"),
    };
    let list = match &contents.model {
        Some(model) => format!(" with {} in it", model.name),
        None => listed(&contents.names, contents.count),
    };
    let fix = match &contents.model {
        Some(model) => format!("{unpack} and use {}.", model.name),
        None => format!("{unpack}; the model may be inside."),
    };
    (format!("{begin}{kind}{list}{end}"), fix)
}

/// The first names of so many, behind ` of `.
fn listed(names: &[String], count: usize) -> String {
    let more = count.saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if names.is_empty() { String::new() } else { format!(" of {}{more}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sniff::sniff;
    use crate::source::MemorySource;

    fn message(bytes: &[u8]) -> Option<String> {
        let kind = sniff(&MemorySource(bytes.into()));
        let facts = Facts::new("model.h5", bytes.len() as u64, &kind);
        check(&facts).pop().map(|finding| finding.message)
    }

    #[test]
    fn impostors_are_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "the real file has 12 bytes"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"{\"class_name\": \"Model\", \"config\": {\"layers\": [1]}}", "JSON with an architecture and no weights: class Model, 1 layer,"),
            (b"\x89HDX\r\n\x1a\n", "first eight bytes are damaged"),
            (b"\x89HDF\r\r\n\x1a\r\n", "transferred as text"),
            (b"Not a model", "begins with “Not a model”"),
            (b"\x80\x02}q\x00.", "a Python pickle"),
            (b"\x00\x01\x02\x03\x04\xff\xfe", "its signature is nowhere"),
        ];
        for (bytes, expected) in cases {
            let message = message(bytes).unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn hdf5_behind_a_user_block_is_no_impostor() {
        let mut bytes = vec![b'#'; 1024];
        bytes.extend(b"\x89HDF\r\n\x1a\n");
        assert_eq!(message(&bytes), None);
    }
}
