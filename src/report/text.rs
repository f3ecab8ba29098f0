//! The report for a terminal.

use std::fmt::Write;

use super::{Departure, Report};

/// The whole report as plain text, without colours.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = write_head(&mut out, report);
    let _ = write_findings(&mut out, report);
    let _ = write_run(&mut out, report);
    out
}

fn write_head(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "{}", report.summary)?;
    writeln!(out)?;
    let file = &report.file;
    line(out, "File", &format!("{} ({} bytes)", file.name, file.bytes))?;
    line(out, "Kind", &file.kind)?;
    line(out, "Saved by", file.saved_by.as_deref().unwrap_or("unknown"))?;
    if let Some(official) = &file.official {
        let value =
            format!("byte for byte {} ({}), for {}", official.file, official.release, official.loader);
        line(out, "Official", &value)?;
    }
    for fact in &file.facts {
        line(out, fact.label, &fact.value)?;
    }
    if let Some(sha256) = &file.sha256 {
        line(out, "SHA-256", sha256)?;
    }
    if let Some(network) = &report.recognition {
        line(out, "Network", &network.summary)?;
        for fact in &network.evidence {
            line(out, "", fact)?;
        }
        line(out, "Names", network.naming.unwrap_or("unknown"))?;
        if let Some(departure) = &network.departure {
            let Departure { place, within, attribute, expected, found } = departure;
            let value = format!("{place} ({within}): {attribute}: expected {expected}, found {found}");
            line(out, "Departs at", &value)?;
        }
    }
    Ok(())
}

fn line(out: &mut String, label: &str, value: &str) -> std::fmt::Result {
    writeln!(out, "  {label:<15}{value}")
}

fn write_findings(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.findings.is_empty() {
        return writeln!(out, "\nNothing found.");
    }
    for finding in &report.findings {
        writeln!(out, "\n{}[{}] {}  ({})", finding.severity, finding.code, finding.message, finding.name)?;
        writeln!(out, "  at   {}", finding.place)?;
        writeln!(out, "  do   {}", finding.fix)?;
        if let Some(message) = &finding.loader_message {
            writeln!(out, "  seen {message}")?;
        }
    }
    Ok(())
}

fn write_run(out: &mut String, report: &Report) -> std::fmt::Result {
    match (&report.runs.reason, report.runs.ok) {
        (_, true) => writeln!(out, "\nCan be run here: resnet-verifier run {} PICTURE", report.file.name),
        (Some(reason), false) => writeln!(out, "\nCan't be run here: {reason}"),
        (None, false) => Ok(()),
    }
}
