//! Chooses what to run: cases by id or glob, apps by name.

use globset::{GlobBuilder, GlobMatcher};
use scim_suite::{AppId, Case, Plan, ScimVersion, TargetKind};
use std::fmt;
use thiserror::Error;

/// One run of one case: as a certain app, or as none.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'plan> {
    /// The case.
    pub case: &'plan Case,
    /// The app it runs as, where the case names any.
    pub app: Option<AppId>,
}

impl Trial<'_> {
    /// Returns what the trial speaks: its app's version, or that of the suite where there is no app.
    pub fn version(&self) -> ScimVersion {
        match self.app {
            Some(app) => app.version,
            None if self.case.suite.starts_with("scim11/") => ScimVersion::V1_1,
            None => ScimVersion::V2,
        }
    }
}

impl fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.case.id)?;
        self.app.map_or(Ok(()), |app| write!(f, "@{app}"))
    }
}

/// Why a selection is not possible.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SelectError {
    /// A selector matches no case.
    #[error("no case matches {selector:?}{}", suggestion(.nearest.as_deref()))]
    NoMatch {
        /// The selector as given.
        selector: String,
        /// The id it comes nearest to.
        nearest: Option<String>,
    },
    /// A selector is no glob.
    #[error("{selector:?} is not a pattern: {cause}")]
    Malformed {
        /// The selector as given.
        selector: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The selectors match, but not together with the chosen apps.
    #[error("none of the {cases} {chosen} runs as {apps}{}", hint(.meant.as_deref()))]
    NoApp {
        /// How many cases there would be.
        cases: usize,
        /// What cases: all, or those of a selector.
        chosen: String,
        /// The apps asked for.
        apps: String,
        /// The app of the other version of SCIM, if cases run as that.
        meant: Option<String>,
    },
    /// The selectors match cases of another version of SCIM only.
    #[error("the {cases} {chosen} speak another version of SCIM; --scim 1.1 or --scim 2.0 says what the target speaks")]
    NoVersion {
        /// How many cases there would be.
        cases: usize,
        /// What cases: all, or those of a selector.
        chosen: String,
    },
}

/// Returns the trials that the selectors and apps choose, in the plan's order.
///
/// A selector is an id, the beginning of one up to a `/`, or a glob over ids, each with an optional `@app` behind it.
/// No selector means every case; no app means every app. Cases of another version than `versions` are left out, and so
/// are those of suites that want to be named, unless a selector begins as the suite does.
///
/// # Errors
/// If a selector is malformed or matches nothing: a typing error must not look like a green run.
pub fn select<'plan>(
    plan: &'plan Plan,
    selectors: &[String],
    apps: &[AppId],
    versions: &[ScimVersion],
) -> Result<Vec<Trial<'plan>>, SelectError> {
    select_for(TargetKind::Scim, plan, selectors, apps, versions)
}

/// Returns the trials for a kind of target; [`select`] is for service providers.
///
/// # Errors
/// As [`select`].
pub fn select_for<'plan>(
    target: TargetKind,
    plan: &'plan Plan,
    selectors: &[String],
    apps: &[AppId],
    versions: &[ScimVersion],
) -> Result<Vec<Trial<'plan>>, SelectError> {
    let all: Vec<Trial<'plan>> = plan.cases.iter().filter(|case| case.target == target).flat_map(trials).collect();
    let matchers = selectors.iter().map(|text| Selector::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<Trial<'plan>> = all
        .into_iter()
        .filter(|trial| !trial.case.opt_in || matchers.iter().any(|matcher| matcher.names_suite_of(trial)))
        .collect();
    for matcher in &matchers {
        if !all.iter().any(|trial| matcher.matches(trial)) {
            return Err(SelectError::NoMatch { selector: matcher.text.clone(), nearest: nearest(&matcher.text, &all) });
        }
    }
    let selected: Vec<Trial<'plan>> = all
        .into_iter()
        .filter(|trial| matchers.is_empty() || matchers.iter().any(|matcher| matcher.matches(trial)))
        .collect();
    let spoken: Vec<Trial<'plan>> =
        selected.iter().copied().filter(|trial| versions.contains(&trial.version())).collect();
    if let Some((cases, chosen)) = lost(&matchers, &selected, &spoken) {
        return Err(SelectError::NoVersion { cases, chosen });
    }
    let chosen: Vec<Trial<'plan>> = spoken
        .iter()
        .copied()
        .filter(|trial| apps.is_empty() || trial.app.is_none_or(|app| apps.contains(&app)))
        .collect();
    // An app that no selected case runs as is a mistake, even where cases without any app remain.
    let is_idle = |app: &AppId| !chosen.iter().any(|trial| trial.app == Some(*app));
    let idle = selectors.is_empty() && !spoken.is_empty() && apps.iter().any(is_idle);
    let all = || idle.then(|| (spoken.len(), "selected cases".to_owned()));
    if let Some((cases, chosen)) = lost(&matchers, &spoken, &chosen).or_else(all) {
        let meant = apps.iter().find_map(|app| other_version(*app, &spoken)).map(|app| app.to_string());
        let apps = apps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        return Err(SelectError::NoApp { cases, chosen, apps, meant });
    }
    Ok(chosen)
}

/// Returns the first selector of whose trials none was left, by how many there were and what to call them.
///
/// Without a selector that is said of all trials.
fn lost(matchers: &[Selector], before: &[Trial<'_>], after: &[Trial<'_>]) -> Option<(usize, String)> {
    if matchers.is_empty() {
        return (after.is_empty() && !before.is_empty()).then(|| (before.len(), "selected cases".to_owned()));
    }
    let of = |matcher: &Selector, trials: &[Trial<'_>]| trials.iter().filter(|trial| matcher.matches(trial)).count();
    let matcher = matchers.iter().find(|matcher| of(matcher, before) > 0 && of(matcher, after) == 0)?;
    Some((of(matcher, before), format!("cases of {:?}", matcher.text)))
}

/// Returns the same app for the other version of SCIM, if a trial runs as that.
fn other_version(app: AppId, trials: &[Trial<'_>]) -> Option<AppId> {
    trials.iter().filter_map(|trial| trial.app).find(|other| other.kind == app.kind && other.version != app.version)
}

/// Returns every trial of a case.
pub(crate) fn trials(case: &Case) -> Vec<Trial<'_>> {
    if case.apps.is_empty() {
        return vec![Trial { case, app: None }];
    }
    case.apps.iter().map(|app| Trial { case, app: Some(*app) }).collect()
}

/// Words that choose cases.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    text: String,
    /// The part before `@`, and what it says as a glob.
    id: String,
    glob: GlobMatcher,
    /// The part behind `@`.
    app: Option<String>,
}

impl Selector {
    pub(crate) fn parse(text: &str) -> Result<Selector, SelectError> {
        let (id, app) = match text.split_once('@') {
            Some((id, app)) => (id, Some(app.to_owned())),
            None => (text, None),
        };
        let glob = GlobBuilder::new(id)
            .literal_separator(true)
            .build()
            .map_err(|cause| SelectError::Malformed { selector: text.to_owned(), cause: cause.kind().to_string() })?;
        Ok(Selector { text: text.to_owned(), id: id.to_owned(), glob: glob.compile_matcher(), app })
    }

    /// Returns whether the selector begins with the folder of the case, as a word and not as a glob.
    fn names_suite_of(&self, trial: &Trial<'_>) -> bool {
        self.id.split('/').next() == trial.case.suite.split('/').next()
    }

    /// Returns whether it names one case, rather than a folder or a pattern; whatever `@` and an app say.
    pub(crate) fn is_exact(&self) -> bool {
        self.id.matches('/').count() >= 2 && !self.id.contains(['*', '?', '[', '{'])
    }

    pub(crate) fn matches(&self, trial: &Trial<'_>) -> bool {
        self.names(&trial.case.id, trial.app.map(|app| app.to_string()).as_deref())
    }

    /// Returns whether it chooses a case with this id, run as this app or as none.
    pub(crate) fn names(&self, id: &str, app: Option<&str>) -> bool {
        let is_beginning = id.strip_prefix(self.id.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        let is_app = self.app.as_deref().is_none_or(|wanted| app == Some(wanted));
        is_app && (self.id.is_empty() || self.id == id || is_beginning || self.glob.is_match(id))
    }
}

/// Returns the id, or suite, that the text was most likely meant to be.
pub(crate) fn nearest(text: &str, trials: &[Trial<'_>]) -> Option<String> {
    let suites = trials.iter().map(|trial| trial.case.suite.clone());
    let cases = trials.iter().map(|trial| trial.case.id.clone());
    let last_part = |id: &str| id.rsplit('/').next().unwrap_or(id).to_owned();
    suites
        .chain(cases)
        .map(|id| {
            // People also type the last part of an id alone.
            let whole = strsim::normalized_damerau_levenshtein(text, &id);
            let part = strsim::normalized_damerau_levenshtein(&last_part(text), &last_part(&id)) * 0.95;
            (whole.max(part), id)
        })
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, id)| id)
}

fn hint(app: Option<&str>) -> String {
    app.map_or_else(String::new, |app| format!("; did you mean --app {app}?"))
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(id) => format!("; did you mean {id:?}? (--list shows every id)"),
        None => "; --list shows every id".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites;

    fn chosen(selector: &str) -> Result<Vec<String>, SelectError> {
        let suites = suites::load(&[]).expect("the embedded suites");
        let trials = select(&suites.plan, &[selector.to_owned()], &[], &[ScimVersion::V2])?;
        Ok(trials.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_selector_is_an_id_a_beginning_or_a_glob_with_an_app_behind_it() {
        assert_eq!(chosen("okta/spec/duplicate-is-409").unwrap(), ["okta/spec/duplicate-is-409"]);
        assert!(chosen("okta/spec").unwrap().iter().all(|trial| trial.starts_with("okta/spec/")));
        assert!(chosen("okta/*/assign-new").unwrap().contains(&"okta/users/assign-new@aiw".to_owned()));
        assert_eq!(chosen("okta/users/assign-new@aiw").unwrap(), ["okta/users/assign-new@aiw"]);
        for selector in ["@aiw", "okta/users@aiw", "okta/**@aiw"] {
            let trials = chosen(selector).unwrap();
            assert!(!trials.is_empty() && trials.iter().all(|trial| trial.ends_with("@aiw")), "{selector}");
        }
    }

    #[test]
    fn what_is_for_receivers_of_event_hooks_is_for_them_alone() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let of = |target| select_for(target, &suites.plan, &[], &[], &[ScimVersion::V2]).expect("cases");
        let is_about_hooks = |trial: &Trial<'_>| trial.case.suite.starts_with("hooks/");
        assert!(of(TargetKind::EventHook).iter().all(is_about_hooks));
        assert!(!of(TargetKind::Scim).iter().any(is_about_hooks));
        assert!(matches!(chosen("hooks/receiver"), Err(SelectError::NoMatch { .. })));
    }

    #[test]
    fn a_selector_that_matches_nothing_is_told_with_the_nearest_id() {
        let error = chosen("okta/spec/duplicate-is-490").unwrap_err();
        assert_eq!(error.to_string().matches("okta/spec/duplicate-is-409").count(), 1, "{error}");
        assert!(matches!(chosen("scim11/spec"), Err(SelectError::NoVersion { .. })));
    }

    #[test]
    fn each_of_several_selectors_has_to_choose_something() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let told = |selectors: &[&str], apps: &[&str], version| {
            let selectors: Vec<String> = selectors.iter().map(|text| (*text).to_owned()).collect();
            let apps: Vec<AppId> = apps.iter().map(|app| app.parse().expect("an app")).collect();
            select(&suites.plan, &selectors, &apps, &[version]).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let (v2, v1) = (ScimVersion::V2, ScimVersion::V1_1);
        assert_eq!(told(&["okta/groups", "okta/spec"], &["catalog"], v2), "");
        let lost = told(&["okta/spec", "okta/groups@aiw"], &["catalog"], v2);
        assert!(lost.contains("cases of \"okta/groups@aiw\" runs as catalog"), "{lost}");
        assert!(
            told(&["okta/spec", "scim11/spec"], &[], v2).contains("cases of \"scim11/spec\" speak another version")
        );
        assert!(told(&[], &["catalog"], v1).ends_with("runs as catalog; did you mean --app catalog-1.1?"));
    }
}
