//! `rehearsal init`: the files a project begins with.

use crate::config;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whose CI a job is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Ci {
    /// GitHub Actions: `.github/workflows/scim.yml`.
    Github,
    /// GitLab CI: `.gitlab-ci.rehearsal.yml`, to be included.
    Gitlab,
    /// Jenkins: `Jenkinsfile.rehearsal`.
    Jenkins,
    /// None.
    None,
}

/// A file to be written.
pub(crate) struct Draft {
    /// Where, below the project's folder.
    pub(crate) path: PathBuf,
    text: String,
}

/// Returns the files for a project whose service provider is at this base URL.
pub(crate) fn drafts(url: &str, ci: Ci) -> Vec<Draft> {
    // A base URL has been parsed before, and holds nothing that TOML would have to escape but perhaps a quote.
    let settings = include_str!("rehearsal.toml").replace("{{url}}", &url.replace('\\', "%5C").replace('"', "%22"));
    let mut drafts = vec![Draft { path: config::FILE.into(), text: settings }];
    let job = match ci {
        Ci::Github => Some((".github/workflows/scim.yml", include_str!("github.yml"))),
        Ci::Gitlab => Some((".gitlab-ci.rehearsal.yml", include_str!("gitlab.yml"))),
        Ci::Jenkins => Some(("Jenkinsfile.rehearsal", include_str!("Jenkinsfile"))),
        Ci::None => None,
    };
    drafts.extend(
        job.map(|(path, text)| Draft {
            path: path.into(),
            text: text.replace("{{version}}", env!("CARGO_PKG_VERSION")),
        }),
    );
    drafts
}

/// Returns the drafts whose file is there already, with whatever content.
pub(crate) fn taken<'d>(folder: &Path, drafts: &'d [Draft]) -> Vec<&'d Path> {
    let there = drafts.iter().filter(|draft| folder.join(&draft.path).symlink_metadata().is_ok());
    there.map(|draft| draft.path.as_path()).collect()
}

/// Writes a draft. A file that has come to be there since is not touched.
pub(crate) fn write(folder: &Path, draft: &Draft) -> io::Result<()> {
    let path = folder.join(&draft.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(draft.text.as_bytes())
}

/// Returns the CI that a folder already has something of.
pub(crate) fn ci_of(folder: &Path) -> Ci {
    let has = |name: &str| folder.join(name).exists();
    if has(".gitlab-ci.yml") {
        Ci::Gitlab
    } else if has("Jenkinsfile") {
        Ci::Jenkins
    } else {
        Ci::Github
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_read_by_the_program_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        for draft in drafts("https://scim.example.com/v2", Ci::None) {
            write(folder.path(), &draft).expect("a file");
        }
        let file = folder.path().join(config::FILE);
        let words = ["rehearsal", "test", "--config"].map(Into::into).into_iter().chain([file.into_os_string()]);
        let cli = config::command_line(words.collect()).unwrap_or_else(|error| panic!("{error}"));
        let crate::cli::Command::Test(test) = cli.command else { panic!("not test") };
        assert_eq!(test.base_url.as_deref(), Some("https://scim.example.com/v2"));
        assert_eq!(test.auth.bearer.as_deref(), Some("env:SCIM_TOKEN"));
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for ci in [Ci::Github, Ci::Gitlab, Ci::Jenkins] {
            for draft in drafts("https://scim.example.com/v2", ci) {
                let ours = draft.text.replace("${{ secrets.SCIM_TOKEN }}", "");
                assert!(!ours.contains("{{"), "{}", draft.path.display());
            }
        }
    }

    #[test]
    fn a_file_that_is_there_is_never_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let drafts = drafts("https://scim.example.com/v2", Ci::Github);
        assert!(taken(folder.path(), &drafts).is_empty());
        fs::write(folder.path().join(config::FILE), "mine").expect("a file");
        assert_eq!(taken(folder.path(), &drafts), [Path::new(config::FILE)]);
        assert!(write(folder.path(), &drafts[0]).is_err());
        assert_eq!(fs::read_to_string(folder.path().join(config::FILE)).expect("a file"), "mine");
    }
}
