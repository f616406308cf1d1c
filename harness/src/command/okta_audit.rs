//! `rehearsal okta audit`: the System Log of an org as lines that auditors can use.

use super::{Failure, credentials, runtime};
use crate::audit::{AuditError, Format, Lines, Question, Source, export};
use crate::cli::{AuditFormat, OktaAudit};
use crate::exit::Exit;
use jiff::Timestamp;
use mock_okta_server::StoredOrg;
use scim_record::Redactor;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Exports the log.
pub(super) fn execute(arguments: &OktaAudit) -> Result<Exit, Failure> {
    let question = question(arguments)?;
    let source = source(arguments)?;
    let format = match arguments.format {
        AuditFormat::Ndjson => Format::Ndjson,
        AuditFormat::Csv => Format::Csv,
    };
    let runtime = runtime()?;
    let exported = match &arguments.output {
        Some(path) => Part::create(path).map_err(AuditError::Unwritable).and_then(|part| {
            let to = BufWriter::new(&part.file);
            runtime.block_on(write(source, &question, to, format))?;
            part.keep().map_err(AuditError::Unwritable)
        }),
        None => runtime.block_on(write(source, &question, BufWriter::new(io::stdout().lock()), format)),
    };
    match exported {
        // Whoever reads has read enough.
        Err(AuditError::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Passed),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Exit::Passed),
    }
}

async fn write(source: Source, question: &Question, to: impl Write, format: Format) -> Result<(), AuditError> {
    let mut lines = Lines::begin(to, format).map_err(AuditError::Unwritable)?;
    export(source, question, &mut |entry| lines.write(entry)).await?;
    lines.end().map(drop).map_err(AuditError::Unwritable)
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        match error {
            AuditError::Question(_) | AuditError::TooMuch => Failure::Usage(error.to_string()),
            AuditError::Unwritable(_) => Failure::Reports(vec![error.to_string()]),
            AuditError::Silent(_) | AuditError::Refused { .. } | AuditError::NoLog(_) => {
                Failure::Org(error.to_string())
            }
        }
    }
}

fn question(arguments: &OktaAudit) -> Result<Question, Failure> {
    let moment = |option: &str, text: &Option<String>| {
        let Some(text) = text else { return Ok(None) };
        let is_moment = text.parse::<Timestamp>().is_ok() || format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok();
        match is_moment {
            true => Ok(Some(text.clone())),
            false => Err(Failure::Usage(format!("{option} {text}: write it as 2026-01-05 or 2026-01-05T09:00:00Z"))),
        }
    };
    Ok(Question {
        since: moment("--since", &arguments.since)?,
        until: moment("--until", &arguments.until)?,
        filter: arguments.filter.clone(),
    })
}

/// Returns the org that answers at the URL, or the one that is kept in the folder.
fn source(arguments: &OktaAudit) -> Result<Source, Failure> {
    if let Some(folder) = &arguments.state {
        let org = StoredOrg::read(folder).map_err(|error| Failure::Usage(credentials::chain(&error)))?;
        return Ok(Source::Stored(Box::new(org)));
    }
    let given = arguments.url.clone().or_else(|| env::var(URL_VARIABLE).ok()).filter(|url| !url.is_empty());
    let url = given.ok_or_else(|| Failure::Usage(format!("say which org: its URL, {URL_VARIABLE}, or --state DIR")))?;
    let target = Target::parse(&url).map_err(|error| Failure::Usage(format!("{url}: {error}")))?;
    if !target.path().is_empty() {
        return Err(Failure::Usage(format!("{url}: give the URL of the org alone, without {}", target.path())));
    }
    let (option, setting) = match &arguments.token {
        Some(setting) => ("--token", setting.clone()),
        None => (TOKEN_VARIABLE, format!("env:{TOKEN_VARIABLE}")),
    };
    let token = Secret::resolve(&setting)
        .map_err(|cause| Failure::Usage(format!("{option}: {}", credentials::chain(&cause))))?;
    // Okta: API tokens are sent with this scheme of Okta's own.
    let value = Secret::new(format!("SSWS {}", token.expose()));
    let credentials = Credentials::Header { name: "Authorization".to_owned(), value };
    let redactor = Redactor::new(vec![token.expose().to_owned()], None);
    let transport = Transport::new(target, credentials, Limits::default(), redactor);
    transport.map(Source::Served).map_err(|cause| Failure::Usage(cause.to_string()))
}

/// A file that gets its name when it is whole.
struct Part {
    file: File,
    part: PathBuf,
    path: PathBuf,
}

impl Part {
    fn create(path: &Path) -> io::Result<Part> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", part.display())))?;
        Ok(Part { file, part, path: path.to_owned() })
    }

    fn keep(self) -> io::Result<()> {
        fs::rename(&self.part, &self.path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where the file got its name.
        let _ = fs::remove_file(&self.part);
    }
}

const URL_VARIABLE: &str = "OKTA_ORG_URL";
const TOKEN_VARIABLE: &str = "OKTA_TOKEN";
