//! `rehearsal.toml`: what a project would otherwise type at every run.
//!
//! The file has no vocabulary of its own. Its keys are the long options of the commands that talk to a service provider:
//! `[auth]` has what `--help` shows under Authentication, `[run]` what is under Run, `[reports]` what is under Output, and
//! `[target]` the others and `url`, the base URL. An option given on the
//! command line or in the environment wins; one that a command does not have is not its business. So whatever a command
//! learns to take can stand in the file as well.

mod codes;
mod file;

pub use codes::CONFIG_CODES;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, Parser};
use file::{Kind, Section, Setting};
use scim_suite::{Diagnostic, Location};
use std::any::TypeId;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cli::Cli;

/// The name of the file that is looked for where the command runs.
pub const FILE: &str = "rehearsal.toml";

/// The commands that the file speaks to, as they are typed.
const COMMANDS: &[&str] = &["test", "fuzz", "runscope", "cleanup", "doctor", "okta run"];

/// Why a command line and its file do not go together.
#[derive(Debug)]
pub enum ConfigError {
    /// The command line is wrong, or asks for help: for clap to tell.
    Arguments(clap::Error),
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A setting is to name a secret and may hold one, so the line is not shown.
    Exposed {
        /// Where the value is.
        place: Location,
        /// The setting.
        key: String,
    },
    /// The file is wrong.
    Wrong(Vec<Diagnostic>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Arguments(error) => error.fmt(f),
            ConfigError::Unreadable { path, cause } => {
                write!(f, "error: the settings cannot be read: {}: {cause}", path.display())
            }
            ConfigError::Exposed { place: Location { file, line, column, .. }, key } => {
                write!(f, "error: {file}:{line}:{column}: `{key}` names where the secret is, and does not hold it: ")?;
                f.write_str("env:NAME, file:PATH or cmd:COMMAND")
            }
            ConfigError::Wrong(mistakes) => {
                let screens: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
                f.write_str(&screens.join("\n\n"))
            }
        }
    }
}

/// Reads a command line, with the options of the settings file where it leaves them open.
///
/// # Errors
/// If either is wrong.
pub fn command_line(arguments: Vec<OsString>) -> Result<Cli, ConfigError> {
    let matches = Cli::command().try_get_matches_from(&arguments).map_err(ConfigError::Arguments)?;
    let (path, leaf) = leaf(&matches);
    let file = settings_file(&matches)?;
    let Some(file) = file.filter(|_| COMMANDS.contains(&path.join(" ").as_str())) else {
        return Cli::from_arg_matches(&matches).map_err(ConfigError::Arguments);
    };
    let text = fs::read_to_string(&file).map_err(|cause| ConfigError::Unreadable { path: file.clone(), cause })?;
    let settings = file::read(&file, text, &sections()).map_err(ConfigError::Wrong)?;
    let command = command_at(&path);
    let known: Vec<Setting> = settings.into_iter().filter(|setting| option(&command, &setting.key).is_some()).collect();
    if let Some(exposed) = known.iter().find(|setting| setting.is_exposed()) {
        return Err(ConfigError::Exposed { place: exposed.span.location(), key: exposed.key.clone() });
    }
    let wrong: Vec<Diagnostic> = known.iter().filter_map(|setting| refused(&path, setting)).collect();
    if !wrong.is_empty() {
        return Err(ConfigError::Wrong(wrong));
    }
    let open: Vec<&Setting> = known.iter().filter(|setting| is_open(&command, leaf, &setting.key)).collect();
    if let Some(rivals) = rivals(&command, &open) {
        return Err(ConfigError::Wrong(vec![rivals]));
    }
    let (url, options): (Vec<&Setting>, Vec<&Setting>) = open.into_iter().partition(|setting| setting.key == "url");
    let [mut url, mut added]: [Vec<OsString>; 2] =
        [url, options].map(|part| part.iter().flat_map(|setting| setting.arguments()).collect());
    let mut line = arguments;
    // The base URL of some commands is their first word, of others their last.
    match option(&command, "url").and_then(Arg::get_index) {
        Some(1) => added.append(&mut url),
        _ => line.append(&mut url),
    }
    Cli::try_parse_from(with(line, &path, added)).map_err(ConfigError::Arguments)
}

/// Returns the file to read: the one named, or the one that lies here.
fn settings_file(matches: &ArgMatches) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(named) = matches.get_one::<PathBuf>("config") {
        return Ok(Some(named.clone()));
    }
    let here = Path::new(FILE);
    match here.try_exists() {
        Ok(exists) => Ok(exists.then(|| here.to_owned())),
        Err(cause) => Err(ConfigError::Unreadable { path: here.to_owned(), cause }),
    }
}

/// Returns the innermost command that was typed, by its names, with its matches.
fn leaf(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let (mut path, mut leaf) = (Vec::new(), matches);
    while let Some((name, inner)) = leaf.subcommand() {
        path.push(name.to_owned());
        leaf = inner;
    }
    (path, leaf)
}

fn command_at(path: &[String]) -> Command {
    let mut root = Cli::command();
    root.build();
    path.iter()
        .fold(root, |command, name| command.find_subcommand(name).cloned().expect("clap has matched this command"))
}

/// Returns the option of this name; the base URL counts as one.
fn option<'c>(command: &'c Command, key: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|argument| match key {
        "url" => argument.get_id() == "base_url",
        key => argument.get_long() == Some(key),
    })
}

/// Tells whether the command line and the environment leave an option to the file.
///
/// What excludes an option that was typed is as closed as the option itself: credentials replace credentials.
fn is_open(command: &Command, typed: &ArgMatches, key: &str) -> bool {
    let Some(argument) = option(command, key) else { return false };
    let given = |id: &clap::Id| {
        matches!(typed.value_source(id.as_str()), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
    };
    let rivals = || command.get_arguments().filter(|other| are_rivals(command, argument, other));
    let url_is_given = || {
        // Without a scheme the first word is a selector, which leaves the base URL open.
        typed.get_one::<String>("base_url").is_some_and(|word| word.contains("://"))
    };
    match key {
        // What is said of one server is not said of another.
        "url" | "sandbox" if url_is_given() => false,
        "url" => true,
        _ => !given(argument.get_id()) && !rivals().any(|rival| given(rival.get_id())),
    }
}

/// Tells whether two options exclude each other.
fn are_rivals(command: &Command, one: &Arg, other: &Arg) -> bool {
    let excludes = |one: &Arg, other: &Arg| {
        let id = other.get_id();
        command.get_arg_conflicts_with(one).into_iter().any(|excluded| excluded.get_id() == id)
    };
    let mut groups = command.get_groups().cloned();
    let are_in_one_group = groups.any(|mut group| {
        let has = |argument: &Arg| group.get_args().any(|id| id == argument.get_id());
        has(one) && has(other) && !group.is_multiple()
    });
    are_in_one_group || excludes(one, other) || excludes(other, one)
}

/// Says which two settings of the file exclude each other, if two do.
fn rivals(command: &Command, settings: &[&Setting]) -> Option<Diagnostic> {
    let of = |setting: &Setting| option(command, &setting.key).filter(|_| !setting.arguments().is_empty());
    settings.iter().enumerate().find_map(|(at, setting)| {
        let one = of(setting)?;
        let is_rival = |other: &&&Setting| {
            of(other).is_some_and(|other| other.get_id() != one.get_id() && are_rivals(command, one, other))
        };
        let other = settings[..at].iter().find(is_rival)?;
        let message = format!("`{}` cannot be used with `{}`", setting.key, other.key);
        let rivals = Diagnostic::new(&codes::RIVALS, setting.span.clone(), message);
        Some(rivals.context(other.span.clone(), "it is here").help("keep one of them"))
    })
}

/// Asks clap about one setting alone, so that a value it refuses is shown in the file.
fn refused(path: &[String], setting: &Setting) -> Option<Diagnostic> {
    let line = with(vec!["rehearsal".into()], &[], path.iter().map(OsString::from).collect());
    let error = Cli::command().try_get_matches_from(with(line, path, setting.arguments())).err()?;
    use clap::error::ErrorKind::{InvalidValue, TooManyValues, ValueValidation, WrongNumberOfValues};
    matches!(error.kind(), InvalidValue | ValueValidation | TooManyValues | WrongNumberOfValues).then(|| {
        let text = error.render().to_string();
        let cause = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let hint = text.lines().map(str::trim).find(|line| line.starts_with("[possible values"));
        let diagnostic = Diagnostic::new(&codes::BAD_VALUE, setting.span.clone(), cause.to_owned());
        match hint {
            Some(hint) => diagnostic.help(hint.trim_matches(['[', ']'])),
            None => diagnostic,
        }
    })
}

/// Puts arguments behind the words of the command.
fn with(mut line: Vec<OsString>, path: &[String], added: Vec<OsString>) -> Vec<OsString> {
    let mut at = line.len().min(1);
    let mut words = path.iter();
    let mut next = words.next();
    while let (Some(word), true) = (next, at < line.len()) {
        if line[at] == OsString::from(word) {
            next = words.next();
        }
        at += 1;
    }
    line.splice(at..at, added);
    line
}

/// Returns the tables of the file with the keys each may have, from the commands it speaks to.
fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = ["target", "auth", "run", "reports"].into_iter().map(Section::named).collect();
    sections[0].add("url", Kind { is_switch: false, is_list: false, is_text: true });
    for command in COMMANDS {
        let path: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let Some(command) = find(&path) else { continue };
        for argument in command.get_arguments() {
            let Some(long) = argument.get_long().filter(|long| !NOT_SETTINGS.contains(long)) else { continue };
            let heading = argument.get_help_heading().unwrap_or_default();
            let section = match heading.split(' ').next() {
                Some("Authentication") => 1,
                Some("Run") => 2,
                Some("Output") => 3,
                _ => 0,
            };
            let is_switch = !argument.get_action().takes_values();
            let is_list = matches!(argument.get_action(), clap::ArgAction::Append);
            let value = argument.get_value_parser().type_id();
            let is_text = value == TypeId::of::<String>() || value == TypeId::of::<PathBuf>();
            sections[section].add(long, Kind { is_switch, is_list, is_text });
        }
    }
    sections
}

fn find(path: &[String]) -> Option<Command> {
    let mut root = Cli::command();
    root.build();
    path.iter().try_fold(root, |command, name| command.find_subcommand(name).cloned())
}

/// Options that are questions of the moment, or that nobody should give once and for all.
const NOT_SETTINGS: &[&str] =
    &["allow-nonempty", "config", "confirm-host", "help", "list", "plan", "replay", "rerun", "version"];

#[cfg(test)]
mod tests;
