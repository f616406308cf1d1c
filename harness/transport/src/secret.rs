//! Secrets by reference: a setting names where a secret is, and nothing here ever prints one.

use crate::Tokens;
use std::fmt;
use std::process::{Command, Stdio};

/// How requests authenticate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer …`, as catalog apps and the OIN Wizard's bearer mode send it.
    Bearer(Secret),
    /// `Authorization: Bearer …` with tokens that replace each other, as OAuth 2.0 issues them.
    Renewed(Tokens),
    /// The secret alone in a header of this name, as the OIN Wizard's header mode sends it.
    Header {
        /// The header, usually `Authorization`.
        name: String,
        /// Its whole value.
        value: Secret,
    },
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The user; must not contain `:`.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// A text that must never be shown: neither `Debug` nor `Display` prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret the program made itself, for example the token of the embedded specimen.
    ///
    /// What people give goes through [`Secret::resolve`].
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// Fetches the secret that a setting names: `env:NAME`, `file:PATH`, or `cmd:COMMAND` for what `sh -c` prints.
    ///
    /// One line break at the end is dropped, because files and commands have one. A secret written out in the setting
    /// is refused: command lines end up in process lists, histories and logs.
    pub fn resolve(setting: &str) -> Result<Self, SecretError> {
        let text = match setting.split_once(':') {
            Some(("env", name)) => from_environment(name)?,
            Some(("file", path)) => from_file(path)?,
            Some(("cmd", command)) => from_command(command)?,
            _ => return Err(SecretError::Literal),
        };
        usable(text)
    }

    /// Returns the secret itself, for the one place that sends it and the one that scrubs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why a setting gave no secret. The texts name the source, never what is in it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The setting holds something else than a reference, perhaps the secret itself.
    #[error("a secret is named, not written out: use env:NAME, file:PATH or cmd:COMMAND")]
    Literal,
    /// What follows `env:` is no name of a variable, perhaps the secret itself.
    #[error("env: is followed by no name of an environment variable (letters, digits and `_`)")]
    NotAName,
    /// The variable does not exist.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("the secret's file {path} cannot be read")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The command could not be started.
    #[error("the secret's command cannot be run")]
    Command {
        /// What the system said.
        source: std::io::Error,
    },
    /// The command ran and failed. The command itself is not shown, for it may hold a secret.
    #[error("the secret's command ended with {status}")]
    CommandFailed {
        /// The exit status, for example `exit status: 1`.
        status: String,
    },
    /// There was nothing there.
    #[error("the secret is empty")]
    Empty,
    /// It is larger than any header a server accepts.
    #[error("the secret is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It cannot be the value of a header.
    #[error("the secret is not one line of UTF-8 text")]
    NotALine,
}

fn from_environment(name: &str) -> Result<Vec<u8>, SecretError> {
    if !is_variable_name(name) {
        return Err(SecretError::NotAName);
    }
    match std::env::var_os(name) {
        Some(value) => Ok(value.into_encoded_bytes()),
        None => Err(SecretError::NotSet { name: name.to_owned() }),
    }
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn from_file(path: &str) -> Result<Vec<u8>, SecretError> {
    std::fs::read(path).map_err(|source| SecretError::File { path: path.to_owned(), source })
}

fn from_command(command: &str) -> Result<Vec<u8>, SecretError> {
    // Password managers ask on the terminal and complain there, so both stay connected.
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| SecretError::Command { source })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(SecretError::CommandFailed { status: output.status.to_string() })
    }
}

fn usable(bytes: Vec<u8>) -> Result<Secret, SecretError> {
    if bytes.len() > MAX_BYTES {
        return Err(SecretError::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| SecretError::NotALine)?;
    let line = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(SecretError::Empty);
    }
    if line.contains(char::is_control) {
        return Err(SecretError::NotALine);
    }
    Ok(Secret(line.to_owned()))
}

const MAX_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_variable_a_file_and_a_command_each_give_the_secret_without_its_last_line_break() {
        // PATH is the one variable every test environment has.
        assert_eq!(Secret::resolve("env:PATH").unwrap().expose(), std::env::var("PATH").unwrap());

        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"from a file\r\n").unwrap();
        let setting = format!("file:{}", file.path().display());
        assert_eq!(Secret::resolve(&setting).unwrap().expose(), "from a file");

        assert_eq!(Secret::resolve("cmd:printf 'a:b\\n'").unwrap().expose(), "a:b");
    }

    #[test]
    fn a_secret_written_out_is_refused_with_a_remedy_and_not_repeated() {
        for literal in ["hunter2hunter2", "Bearer hunter2hunter2", "http:hunter2hunter2", "env:hunter2-hunter2"] {
            let error = Secret::resolve(literal).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("env:"), "{literal}: {shown}");
            assert!(!shown.contains("hunter2"), "{literal}: {shown}");
        }
    }

    #[test]
    fn a_failing_command_is_not_repeated() {
        let error = Secret::resolve("cmd:echo hunter2; exit 3").unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains('3') && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_missing_source_is_named() {
        let unset = Secret::resolve("env:REHEARSAL_NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(unset.contains("REHEARSAL_NO_SUCH_VARIABLE"), "{unset}");
        let file = Secret::resolve("file:/no/such/file").unwrap_err().to_string();
        assert!(file.contains("/no/such/file"), "{file}");
    }

    #[test]
    fn what_cannot_be_a_header_value_is_refused() {
        assert!(matches!(Secret::resolve("cmd:true"), Err(SecretError::Empty)));
        assert!(matches!(Secret::resolve("cmd:printf 'a\\nb\\n'"), Err(SecretError::NotALine)));
        assert!(matches!(Secret::resolve("cmd:printf '\\377'"), Err(SecretError::NotALine)));
        assert!(matches!(Secret::resolve("cmd:head -c 40000 /dev/zero"), Err(SecretError::TooLong)));
    }

    #[test]
    fn neither_debug_nor_display_prints_a_secret() {
        let password = Secret::new("hunter2");
        let shown = format!(
            "{password} {password:?} {:?}",
            Credentials::Basic { user: "u".into(), password: password.clone() }
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
