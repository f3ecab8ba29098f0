//! Web pages and XML documents: where they come from and what they say.

use super::{Format, Impostor, quoted};

/// A web page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Whose page it is or what it is about, as the middle of a sentence.
    pub what: Option<&'static str>,
    /// The step that helps with such a page.
    pub fix: Option<&'static str>,
    /// Its title; may be empty.
    pub title: String,
}

/// Pages that are often saved in place of a model: `(words in them, what it is, what helps)`; the first row whose words are
/// all there counts.
const PAGES: &[(&[&str], &str, &str)] = &[
    (
        &["google drive", "virus"],
        "Google Drive's warning that the file is too large to scan for viruses",
        "Open the link in a browser and press “Download anyway”, or use `gdown` with the file's id.",
    ),
    (
        &["google drive", "quota"],
        "Google Drive's note that the file was downloaded too often",
        "Wait a day, or add a copy to your own Drive and download that.",
    ),
    (
        &["accounts.google.com"],
        "Google's sign-in page",
        "Ask for a link that is shared with everyone, or sign in and download it in a browser.",
    ),
    (
        &["google drive"],
        "a page of Google Drive",
        "Open the link in a browser and use its download button, or `gdown` with the file's id.",
    ),
    (
        &["github", "page not found"],
        "GitHub's page for files that do not exist",
        "Check the address: repository, branch and path must be right.",
    ),
    (
        &["githubassets.com"],
        "GitHub's page about the file",
        "Use the page's “Download raw file” button, or put `?raw=true` behind the link.",
    ),
    (
        &["huggingface.co", "404"],
        "Hugging Face's page for files that do not exist",
        "Check the address: repository, branch and path must be right.",
    ),
    (
        &["huggingface.co"],
        "a page of Hugging Face",
        "Use the page's download button, or replace `/blob/` by `/resolve/` in the link.",
    ),
    (&["dropbox"], "a page of Dropbox", "Put `?dl=1` in place of `?dl=0` at the end of the link."),
    (&["1drv"], "a page of OneDrive", "Open the link in a browser and use its download button."),
    (
        &["sharepoint"],
        "a page of OneDrive or SharePoint",
        "Open the link in a browser and use its download button.",
    ),
    (
        &["kaggle.com"],
        "a page of Kaggle",
        "Sign in and use the page's download button, or `kaggle datasets download`.",
    ),
    (&["gitlab"], "a page of GitLab", "Replace `/blob/` by `/raw/` in the link."),
    (&["mediafire"], "a page of MediaFire", "Open the link in a browser and use its download button."),
    (&["sourceforge"], "a page of SourceForge", "Open the link in a browser and wait for the download."),
    (&["zenodo"], "a page of Zenodo", "Use the download link of the file on that page."),
    (
        &["cloudflare", "ray id"],
        "a page of Cloudflare that asks whether you are human",
        "Open the link in a browser and download the file there.",
    ),
];

/// Words in the title of a page that tell what happened.
const TITLES: &[(&str, &str, &str)] = &[
    ("404", "an error page: the file was not found (404)", "Check the address, or ask for a new link."),
    ("not found", "an error page: the file was not found", "Check the address, or ask for a new link."),
    ("403", "an error page: access was refused (403)", "Ask for access, or for another link."),
    ("forbidden", "an error page: access was refused", "Ask for access, or for another link."),
    ("denied", "an error page: access was refused", "Ask for access, or for another link."),
    ("bad gateway", "an error page of a server that failed", "Try again later."),
    ("unavailable", "an error page of a server that failed", "Try again later."),
    ("server error", "an error page of a server that failed", "Try again later."),
    ("jupyter", "a page of Jupyter", "Download the file through Jupyter's file list."),
    ("sign in", "a sign-in page", "Sign in, and download the file in the browser."),
    ("log in", "a sign-in page", "Sign in, and download the file in the browser."),
    ("login", "a sign-in page", "Sign in, and download the file in the browser."),
    ("directory listing", "a list of files", "Open it in a browser and download the file it lists."),
    ("index of", "a list of files", "Open it in a browser and download the file it lists."),
];

/// Recognises markup. `text` begins with what is no white space.
pub(super) fn of_markup(text: &str) -> Option<Impostor> {
    let lower = text.to_ascii_lowercase();
    let begin = lower.get(..lower.floor_char_boundary(400)).unwrap_or(&lower);
    if begin.starts_with("<!doctype html")
        || begin.starts_with("<html")
        || begin.contains("<html") && begin.starts_with('<')
        || begin.starts_with('<') && begin.contains("<head>")
    {
        return Some(Impostor::Html(page(text, &lower)));
    }
    let is_xml = ["<?xml", "<error>", "<svg", "<net "].iter().any(|tag| begin.starts_with(tag));
    is_xml.then(|| xml(text, begin))
}

fn page(text: &str, lower: &str) -> Page {
    let title = element(text, lower, "title").unwrap_or_default();
    let title = quoted(title, 80);
    let lower_title = title.to_ascii_lowercase();
    // Further down a page names others' sites.
    let begin = lower.get(..lower.floor_char_boundary(8192)).unwrap_or(lower);
    let known = PAGES.iter().find(|(words, _, _)| words.iter().all(|word| begin.contains(word)));
    let known = known.map(|(_, what, fix)| (*what, *fix));
    let by_title =
        || TITLES.iter().find(|(word, _, _)| lower_title.contains(word)).map(|(_, what, fix)| (*what, *fix));
    let (what, fix) = known.or_else(by_title).unzip();
    Page { what, fix, title }
}

fn xml(text: &str, begin: &str) -> Impostor {
    let lower = text.to_ascii_lowercase();
    // Amazon's, Google's and Azure's storage all answer with these elements.
    if let Some(code) = element(text, &lower, "code").filter(|_| begin.contains("<error")) {
        let message = element(text, &lower, "message").unwrap_or_default();
        return Impostor::XmlError { code: quoted(code, 60), message: quoted(message, 200) };
    }
    Impostor::Known(if begin.contains("<svg") {
        Format::Svg
    } else if begin.contains("<net ") {
        Format::OpenVino
    } else {
        Format::Xml
    })
}

/// What stands in the first element of that name. `lower` is the text in small ASCII letters, so places agree.
fn element<'t>(text: &'t str, lower: &str, name: &str) -> Option<&'t str> {
    let open = lower.find(&format!("<{name}"))?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find(&format!("</{name}"))?;
    text.get(start..end)
}
