//! `rehearsal specimen`: the embedded service provider alone.

use super::test::asked_to_stop;
use super::{Failure, credentials, runtime};
use crate::cli::{Specimen, SpecimenAuth};
use crate::exit::Exit;
use crate::likeness;
use scim_specimen::{Auth, Config, Fault, Variant, Version};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, process};

/// Serves until Ctrl-C, or lists the faults, the quirks or the variants.
pub(super) fn execute(arguments: &Specimen) -> Result<Exit, Failure> {
    let list = if arguments.list_faults {
        Some(list_faults as fn(&mut dyn Write) -> io::Result<()>)
    } else if arguments.list_quirks {
        Some(list_quirks as _)
    } else if arguments.list_variants {
        Some(list_variants as _)
    } else {
        None
    };
    if let Some(list) = list {
        list(&mut io::stdout().lock()).map_err(Failure::printing("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let faults = faults(&arguments.fault)?;
    let variants = variants(&arguments.variant)?;
    let (secret, is_ours) = secret();
    let auth = auth(arguments.auth, &secret);
    runtime()?.block_on(async {
        let address = ("127.0.0.1", arguments.port);
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(Failure::local(format!("port {} cannot be used", arguments.port)))?;
        let port = listener.local_addr().map_err(Failure::local("the port cannot be told"))?.port();
        let left = (is_ours && arguments.auth == SpecimenAuth::Bearer).then(|| TokenFile::leave(port, &secret));
        announce(arguments, port, &secret, is_ours).map_err(Failure::local("the address cannot be printed"))?;
        let first = (arguments.users > 0).then(|| scim_specimen::user_name(0));
        let config = Config {
            auth,
            users: arguments.users as usize,
            groups: arguments.groups as usize,
            me: arguments.me.clone().or(first),
            faults,
            variants,
            throttle: arguments.throttle,
            ..Config::default()
        };
        let served = tokio::select! {
            served = scim_specimen::serve(listener, config) => served.map_err(Failure::local("the specimen stopped")),
            // The token's file goes however the specimen is ended.
            _ = asked_to_stop() => Ok(()),
        };
        drop(left);
        served.map(|()| Exit::Passed)
    })
}

/// Returns the faults of these names.
pub(super) fn faults(names: &[String]) -> Result<Vec<Fault>, Failure> {
    let parse = |name: &String| {
        name.parse::<Fault>().map_err(|_| {
            let names = Fault::faults().iter().chain(Fault::quirks()).map(|fault| fault.name().to_owned());
            unknown("fault", name, names, "--list-faults and --list-quirks show")
        })
    };
    names.iter().map(parse).collect()
}

/// Returns the variants of these names.
pub(super) fn variants(names: &[String]) -> Result<Vec<Variant>, Failure> {
    let parse = |name: &String| {
        name.parse::<Variant>().map_err(|_| {
            let names = Variant::all().map(|variant| variant.name().to_owned());
            unknown("variant", name, names, "--list-variants shows")
        })
    };
    names.iter().map(parse).collect()
}

fn unknown(what: &str, name: &str, names: impl Iterator<Item = String>, list: &str) -> Failure {
    let near = likeness::nearest(name, names).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    Failure::Usage(format!("the specimen has no {what} {name:?}{near} (specimen {list} all)"))
}

fn list_variants(out: &mut dyn Write) -> io::Result<()> {
    for variant in Variant::all() {
        writeln!(out, "{}\n    {} (allowed by {})", variant.name(), variant.what(), variant.clause())?;
    }
    writeln!(out, "{} variants, under each of which every case of the RFCs passes", Variant::all().count())
}

fn list_faults(out: &mut dyn Write) -> io::Result<()> {
    list(out, Fault::faults())?;
    writeln!(out, "{} faults; --list-quirks lists the behaviour the suites only warn about", Fault::faults().len())
}

fn list_quirks(out: &mut dyn Write) -> io::Result<()> {
    list(out, Fault::quirks())?;
    writeln!(out, "{} quirks, which never fail a run under the default gate", Fault::quirks().len())
}

fn list(out: &mut dyn Write, faults: &[Fault]) -> io::Result<()> {
    for fault in faults {
        writeln!(out, "{}\n    {} ({})", fault.name(), fault.summary(), fault.clause())?;
    }
    Ok(())
}

/// Returns the secret to ask for, and whether we made it.
fn secret() -> (String, bool) {
    match env::var(credentials::TOKEN_VARIABLE) {
        Ok(token) if !token.is_empty() => (token, false),
        _ => (scim_specimen::generate_token(), true),
    }
}

fn auth(choice: SpecimenAuth, secret: &str) -> Auth {
    let secret = secret.to_owned();
    match choice {
        SpecimenAuth::Bearer => Auth::Bearer(secret),
        SpecimenAuth::Header => Auth::Header { name: "Authorization".to_owned(), value: secret },
        SpecimenAuth::Basic => Auth::Basic { user: "rehearsal".to_owned(), password: secret },
        SpecimenAuth::None => Auth::None,
    }
}

fn announce(arguments: &Specimen, port: u16, secret: &str, is_ours: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "specimen on http://127.0.0.1:{port}{} (Ctrl-C stops it)", Version::V2.base_path())?;
    writeln!(out, "SCIM 1.1 on http://127.0.0.1:{port}{}", Version::V1.base_path())?;
    for (what, names) in [("faults", &arguments.fault), ("variants", &arguments.variant)] {
        if !names.is_empty() {
            writeln!(out, "{what}: {}", names.join(", "))?;
        }
    }
    match arguments.auth {
        SpecimenAuth::None => writeln!(out, "no credentials are asked for")?,
        _ if is_ours => writeln!(out, "{}={secret}", credentials::TOKEN_VARIABLE)?,
        _ => writeln!(out, "the secret is that of {}", credentials::TOKEN_VARIABLE)?,
    }
    out.flush()
}

/// A file with the token the specimen made, so that `rehearsal test` on the same machine need not be told.
///
/// Only its owner can read it, and it goes when the specimen stops.
struct TokenFile {
    path: PathBuf,
    token: String,
}

impl TokenFile {
    /// Leaves the token; where that is not possible the printed token still serves.
    fn leave(port: u16, token: &str) -> Option<TokenFile> {
        let path = credentials::token_file(port);
        write_private(&path, token).ok()?;
        Some(TokenFile { path, token: token.to_owned() })
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        // Another specimen may have taken the port over; its token is not ours to remove.
        if fs::read_to_string(&self.path).is_ok_and(|token| token == self.token) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a file that nobody else can read, in place of any older one.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension(format!("{}.new", process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&fresh)?.write_all(text.as_bytes())?;
    fs::rename(&fresh, path)
}
