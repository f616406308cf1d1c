//! Finds stories: those embedded in the program by name, files of the user's own by path.

use crate::suites::{self, SuitesError};
use scim_suite::{Catalog, SourceFile, Story, is_story, load_story};
use std::fs;
use std::path::Path;
use thiserror::Error;

/// Why there is no story to tell.
#[derive(Debug, Error)]
pub enum StoryError {
    /// Neither a file nor a story of the program is called so.
    #[error("there is no story {name:?}{}; the stories are {known}", near.as_ref().map(|near| format!(", did you mean {near:?}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        near: Option<String>,
        /// Every story of the program.
        known: String,
    },
    /// The script cannot be read, or is wrong.
    #[error(transparent)]
    Script(#[from] SuitesError),
}

/// Returns the names of the stories of the program, with what they are about.
pub fn embedded() -> Vec<(String, String)> {
    let scripts = suites::embedded().filter(|(path, _)| path.ends_with(".toml"));
    let stories = scripts.map(|(path, text)| SourceFile::new(path, text)).filter(is_story);
    let title = |file: &SourceFile| {
        let line = file.text.lines().find_map(|line| line.strip_prefix("title"));
        line.map(|rest| rest.trim_start_matches([' ', '=']).trim_matches('"').to_owned()).unwrap_or_default()
    };
    stories.map(|file| (file.path.trim_end_matches(".toml").to_owned(), title(&file))).collect()
}

/// Returns the story of this name or in this file, and what its references mean.
///
/// # Errors
/// If there is none, or its script or a feed of it has a mistake.
pub fn find(name: &str) -> Result<(Story, Catalog), StoryError> {
    let catalog = suites::catalog()?;
    let story = match Path::new(name).is_file() {
        true => of_file(Path::new(name), &catalog)?,
        false => of_program(name, &catalog)?,
    };
    Ok((story, catalog))
}

fn of_file(path: &Path, catalog: &Catalog) -> Result<Story, StoryError> {
    let unreadable = |cause| SuitesError::Unreadable { path: path.display().to_string(), cause };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let script = SourceFile::new(path.to_string_lossy().replace('\\', "/"), text);
    let folder = path.parent().unwrap_or(Path::new(""));
    let feed = |name: &str| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).map_err(|cause| cause.to_string())?;
        Ok(SourceFile::new(path.to_string_lossy().replace('\\', "/"), text))
    };
    Ok(load_story(&script, &feed, catalog).map_err(SuitesError::Wrong)?)
}

fn of_program(name: &str, catalog: &Catalog) -> Result<Story, StoryError> {
    let known = embedded();
    let found = known.iter().map(|(known, _)| known).find(|known| *known == name || last(known) == name);
    let Some(found) = found else { return Err(unknown(name, &known)) };
    let file = |path: &str| {
        let found = suites::embedded().find(|(known, _)| *known == path);
        found.map(|(path, text)| SourceFile::new(path, text))
    };
    let script = file(&format!("{found}.toml")).expect("the names are those of files");
    let folder = found.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let feed = |name: &str| file(&format!("{folder}{name}")).ok_or_else(|| "it is not part of the program".to_owned());
    Ok(load_story(&script, &feed, catalog).map_err(SuitesError::Wrong)?)
}

fn unknown(name: &str, known: &[(String, String)]) -> StoryError {
    let names: Vec<&str> = known.iter().map(|(known, _)| last(known)).collect();
    let likeness = |known: &&&str| (strsim::jaro_winkler(name, known) * 1000.0) as u32;
    let near = names.iter().max_by_key(likeness).filter(|near| strsim::jaro_winkler(name, near) > 0.7);
    StoryError::Unknown { name: name.to_owned(), near: near.map(|near| (*near).to_owned()), known: names.join(", ") }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_of_the_program_is_without_a_mistake() {
        let stories = embedded();
        assert!(stories.iter().any(|(name, title)| name == "lifecycle/lucy" && !title.is_empty()));
        for (name, _) in stories {
            let (story, _) = find(&name).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(story.name, name);
        }
    }

    #[test]
    fn a_story_nobody_wrote_is_told_with_those_there_are() {
        let told = find("luzy").expect_err("there is no such story").to_string();
        assert!(told.contains("did you mean \"lucy\"?") && told.contains("rehire"), "{told}");
    }
}
