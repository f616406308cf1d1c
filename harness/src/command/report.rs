//! `rehearsal report`: what past runs and committed files say about a submission to the OIN.

use super::{Failure, outputs};
use crate::cli::{ReadinessArgs, ReportCommand, ReportLint};
use crate::exit::Exit;
use crate::oin::{self, OinError};
use crate::suites;
use jiff::Zoned;
use rehearsal_reports::readiness::Ready;
use rehearsal_reports::{Readiness, Report, ReportError};
use scim_record::Event;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

/// Writes a report, or looks at the files of one.
pub(super) fn execute(command: &ReportCommand) -> Result<Exit, Failure> {
    match command {
        ReportCommand::Readiness(arguments) => readiness(arguments),
        ReportCommand::Lint(arguments) => lint(arguments),
    }
}

fn readiness(arguments: &ReadinessArgs) -> Result<Exit, Failure> {
    let ReadinessArgs { html, markdown, json, .. } = arguments;
    let named = [("--html", html), ("--markdown", markdown), ("--json", json)];
    outputs::are_distinct(&named.map(|(option, path)| (option, path.as_deref())))?;
    let suites = suites::load(&[])?;
    let mut runs = Vec::new();
    for path in &arguments.report {
        let run = rehearsal_reports::read(path).map_err(|cause| Failure::Usage(cause.to_string()))?;
        runs.push((path.display().to_string(), run));
    }
    let today = Zoned::now().date();
    let (manifest, attest) = (arguments.manifest.as_deref(), arguments.attest.as_deref());
    let report = oin::readiness(&suites, &runs, manifest, attest, today).map_err(|cause| wrong(&cause))?;
    print(&report.text())?;
    type Form = fn(&Readiness) -> String;
    let forms: [(&Option<_>, Form); 3] = [
        (&arguments.html, Readiness::html),
        (&arguments.markdown, Readiness::markdown),
        (&arguments.json, Readiness::json),
    ];
    let written = forms.iter().filter_map(|(path, form)| Readiness::write(path.as_deref()?, &form(&report)).err());
    let errors: Vec<String> = written.map(|error| error.to_string()).collect();
    if !errors.is_empty() {
        return Err(Failure::Reports(errors));
    }
    Ok(if report.verdict.ready == Ready::NotReady { Exit::Findings } else { Exit::Passed })
}

/// The page on readiness about a run, as a report that is written when the JSON report has been.
pub(super) struct Page {
    pub(super) json: PathBuf,
    pub(super) page: PathBuf,
}

impl Report for Page {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match event {
            // Where a report could not be written the one that lies there may be of an earlier run.
            Event::RunFinished(summary) if summary.exit != Exit::Report.code() => self.write(),
            _ => Ok(()),
        }
    }
}

impl Page {
    fn write(&self) -> Result<(), ReportError> {
        let failed = |cause: &dyn Display| ReportError::File {
            path: self.page.clone(),
            source: io::Error::other(cause.to_string()),
        };
        let suites = suites::load(&[]).map_err(|cause| failed(&cause))?;
        let run = rehearsal_reports::read(&self.json).map_err(|cause| failed(&cause))?;
        let runs = [(self.json.display().to_string(), run)];
        let report = oin::readiness(&suites, &runs, None, None, Zoned::now().date()).map_err(|cause| failed(&cause))?;
        Readiness::write(&self.page, &report.html())
    }
}

fn lint(arguments: &ReportLint) -> Result<Exit, Failure> {
    let catalog = suites::catalog()?;
    let found = oin::lint_files(&arguments.manifest, arguments.attest.as_deref(), &catalog, Zoned::now().date());
    let found = found.map_err(|cause| wrong(&cause))?;
    let screens: String = found.iter().map(|mistake| format!("{}\n\n", mistake.render(false))).collect();
    let errors = found.iter().filter(|mistake| !mistake.is_warning()).count();
    let warnings = found.len() - errors;
    print(&rehearsal_reports::harmless(&format!("{screens}{errors} errors, {warnings} warnings\n")))?;
    Ok(if errors > 0 { Exit::Usage } else { Exit::Passed })
}

fn wrong(cause: &OinError) -> Failure {
    Failure::Usage(rehearsal_reports::harmless(&cause.to_string()))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|cause| Failure::Reports(vec![format!("write the results: {cause}")]))
}
