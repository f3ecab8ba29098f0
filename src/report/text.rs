//! The report for a terminal.

use super::terminal::{Lines, shell_word};
use super::{File, Found, Report, Verdict};
use crate::finding::counted;

/// Facts that a finding says better.
const SAID_BY: [(&str, &str); 1] = [("Trailing bytes", "trailing-bytes")];

/// The whole report as plain text, without colours: the answer, what was found, what the file is. `path` is where the file
/// lies, for the command that runs it.
pub fn text(report: &Report, path: Option<&str>) -> String {
    let mut out = Lines::default();
    out.line(&report.headline);
    if let Some(labels) = &report.labels {
        out.line("");
        labels.write(&mut out);
    }
    if let Some(error) = &report.error {
        out.line("");
        error.write(&mut out);
    }
    report.findings.iter().for_each(|finding| write_finding(&mut out, finding));
    super::loads::write(&mut out, &report.loads);
    out.line("");
    write_file(&mut out, report);
    write_network(&mut out, report);
    write_run(&mut out, report, path);
    let pair = report.pair.as_ref().map(super::Pair::text).unwrap_or_default();
    out.text() + &pair
}

fn write_finding(out: &mut Lines, finding: &Found) {
    let Found { severity, code, name, message, place, fix, .. } = finding;
    out.line("");
    out.line(&format!("{severity}[{code}] {message}  ({name})"));
    out.line(&format!("  at   {place}"));
    out.line(&format!("  do   {fix}"));
    if let Some(message) = &finding.loader_message {
        out.line(&format!("  seen {message}"));
    }
}

fn write_file(out: &mut Lines, report: &Report) {
    let File { name, bytes, kind, saved_by, official, .. } = &report.file;
    out.row("File", &format!("{name} ({})", counted(*bytes, "byte", "bytes")));
    out.row("Kind", kind);
    if saved_by.is_some() || report.verdict != Verdict::NotAModel {
        out.row("Saved by", saved_by.as_deref().unwrap_or("unknown"));
    }
    if let Some(official) = official {
        let value =
            format!("byte for byte {} ({}), for {}", official.file, official.release, official.loader);
        out.row("Official", &value);
    }
    let is_said = |label: &str| SAID_BY.iter().any(|(fact, finding)| *fact == label && report.has(finding));
    report
        .file
        .facts
        .iter()
        .filter(|fact| !is_said(fact.label))
        .for_each(|fact| out.row(fact.label, &fact.value));
    if let Some(sha256) = &report.file.sha256 {
        out.row("SHA-256", sha256);
    }
}

/// Which network it is, unless a finding says that already. A departure is a finding, too.
fn write_network(out: &mut Lines, report: &Report) {
    let Some(network) = report.recognition.as_ref().filter(|_| !report.has("not-resnet")) else { return };
    out.row("Network", &network.summary);
    network.evidence.iter().filter(|fact| !says(&network.summary, fact)).for_each(|fact| out.row("", fact));
    if let Some(naming) = network.naming {
        out.row("Names", naming);
    }
}

fn write_run(out: &mut Lines, report: &Report, path: Option<&str>) {
    let runs = &report.runs;
    if runs.ok {
        let file = path.and_then(shell_word).unwrap_or("MODEL".into());
        out.line("");
        out.line(&format!("Can be run here: resnet-verifier run {file} PICTURE"));
        return;
    }
    // What is no model is not expected to run.
    let Some(reason) = runs.reason.as_ref().filter(|_| report.verdict != Verdict::NotAModel) else { return };
    out.line("");
    match report.findings.iter().find(|finding| says(&finding.message, reason)) {
        Some(finding) => out.line(&format!("Can't be run here, because of {}.", finding.code)),
        None => out.line(&format!("Can't be run here: {reason}")),
    }
}

/// Whether a text has the words of a sentence in it, wherever that begins and ends.
fn says(text: &str, sentence: &str) -> bool {
    text.to_lowercase().contains(sentence.trim_end_matches('.').to_lowercase().as_str())
}
