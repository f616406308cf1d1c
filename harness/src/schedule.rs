//! In which order trials run: after those they require, alone if they must be, and not at all where what they require
//! has not passed.

use crate::select::Trial;
use scim_record::Outcome;
use std::collections::{BTreeSet, HashMap};

/// The trials that are still to run.
pub(crate) struct Schedule<'t, 'plan> {
    trials: &'t [Trial<'plan>],
    /// Of each trial, the groups of trials it requires: one group for each case.
    requires: Vec<Vec<Vec<usize>>>,
    /// Of each trial, the trials that wait for it.
    dependents: Vec<Vec<usize>>,
    /// Of each trial, how many it waits for.
    waits_for: Vec<usize>,
    /// Trials that wait for nothing, in the plan's order: those that must be alone, and the others.
    alone: BTreeSet<usize>,
    together: BTreeSet<usize>,
    /// How the trials ended that another one requires.
    ends: HashMap<usize, End>,
}

/// How a trial ended, as those that require it see it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Passed,
    /// It did not pass; a word says in which way.
    Broken(&'static str),
    /// It was not judged, for this reason.
    Skipped(String),
}

impl<'t, 'plan> Schedule<'t, 'plan> {
    /// Plans these trials; without requirements every trial waits for nothing.
    pub(crate) fn new(trials: &'t [Trial<'plan>], with_requirements: bool) -> Self {
        let requires: Vec<Vec<Vec<usize>>> = match with_requirements {
            true => requirements(trials),
            false => vec![Vec::new(); trials.len()],
        };
        let mut dependents = vec![Vec::new(); trials.len()];
        let mut waits_for = vec![0; trials.len()];
        for (trial, groups) in requires.iter().enumerate() {
            let all: BTreeSet<usize> = groups.iter().flatten().copied().collect();
            waits_for[trial] = all.len();
            all.into_iter().for_each(|required| dependents[required].push(trial));
        }
        let (alone, together) = (BTreeSet::new(), BTreeSet::new());
        let mut schedule = Schedule { trials, requires, dependents, waits_for, alone, together, ends: HashMap::new() };
        for trial in 0..trials.len() {
            if schedule.waits_for[trial] == 0 {
                schedule.make_ready(trial);
            }
        }
        schedule
    }

    /// Returns the next trial to start while so many run; nothing while there is room but none is ready.
    ///
    /// A trial that must be alone begins when nothing runs, and nothing begins beside it.
    pub(crate) fn next(&mut self, running: &[usize], width: usize) -> Option<usize> {
        if running.iter().any(|trial| self.trials[*trial].case.exclusive) || running.len() >= width {
            return None;
        }
        if running.is_empty()
            && let Some(trial) = self.alone.pop_first()
        {
            return Some(trial);
        }
        self.together.pop_first()
    }

    /// Returns why a trial cannot be judged: what it requires has not passed.
    pub(crate) fn obstacle(&self, trial: usize) -> Option<String> {
        self.requires[trial].iter().find_map(|group| self.obstacle_of(group))
    }

    /// Notes how a trial ended, and makes ready what has waited for it alone.
    pub(crate) fn finished(&mut self, trial: usize, outcome: Outcome, reason: Option<&str>) {
        let dependents = std::mem::take(&mut self.dependents[trial]);
        if dependents.is_empty() {
            return;
        }
        let end = match outcome {
            Outcome::Pass | Outcome::Fixed => End::Passed,
            Outcome::Fail => End::Broken("failed"),
            Outcome::Warn => End::Broken("has a finding"),
            Outcome::Error => End::Broken("could not run to its end"),
            Outcome::Known => End::Broken("fails as known"),
            Outcome::Skip => End::Skipped(reason.unwrap_or("a case that it requires was not judged").to_owned()),
        };
        self.ends.insert(trial, end);
        for dependent in dependents {
            self.waits_for[dependent] -= 1;
            if self.waits_for[dependent] == 0 {
                self.make_ready(dependent);
            }
        }
    }

    fn make_ready(&mut self, trial: usize) {
        if self.trials[trial].case.exclusive { &mut self.alone } else { &mut self.together }.insert(trial);
    }

    /// Of several trials of one case that are none of the same app, one that passed is enough.
    fn obstacle_of(&self, group: &[usize]) -> Option<String> {
        let ends = group.iter().filter_map(|trial| Some((self.trials[*trial], self.ends.get(trial)?)));
        let mut obstacle = None;
        for (trial, end) in ends {
            match end {
                End::Passed => return None,
                End::Broken(how) => obstacle = obstacle.or_else(|| Some(format!("needs {trial}, which {how}"))),
                // The reason is that of the first link of the chain, which is where somebody can do something.
                End::Skipped(reason) => obstacle = obstacle.or_else(|| Some(reason.clone())),
            }
        }
        obstacle
    }
}

/// Returns for each trial the trials it requires: of each required case the one of the same app, or else all there are.
fn requirements(trials: &[Trial<'_>]) -> Vec<Vec<Vec<usize>>> {
    let mut of_case: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, trial) in trials.iter().enumerate() {
        of_case.entry(trial.case.id.as_str()).or_default().push(index);
    }
    let group = |trial: &Trial<'_>, id: &str| {
        let all = of_case.get(id)?;
        let same = all.iter().copied().find(|other| trials[*other].app == trial.app);
        Some(same.map_or_else(|| all.clone(), |same| vec![same]))
    };
    trials.iter().map(|trial| trial.case.requires.iter().filter_map(|id| group(trial, id.as_str())).collect()).collect()
}

/// Returns which trials run if these are chosen: they and all that they require, one through the other.
pub(crate) fn with_required(trials: &[Trial<'_>], chosen: &[bool]) -> Vec<bool> {
    let requires = requirements(trials);
    let mut runs = chosen.to_vec();
    let mut open: Vec<usize> = (0..trials.len()).filter(|trial| chosen[*trial]).collect();
    while let Some(trial) = open.pop() {
        for required in requires[trial].iter().flatten().copied() {
            if !runs[required] {
                runs[required] = true;
                open.push(required);
            }
        }
    }
    runs
}

/// Returns which trials require one of these, one through the other.
pub(crate) fn dependents(trials: &[Trial<'_>], of: &[bool]) -> Vec<bool> {
    let requires = requirements(trials);
    let mut depends = vec![false; trials.len()];
    loop {
        let is_new = |trial: &usize| {
            !depends[*trial] && requires[*trial].iter().flatten().any(|required| of[*required] || depends[*required])
        };
        let news: Vec<usize> = (0..trials.len()).filter(is_new).collect();
        if news.is_empty() {
            return depends;
        }
        news.into_iter().for_each(|trial| depends[trial] = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scim_suite::{Catalog, Plan, SourceFile, load};

    /// Returns a plan of these cases: the id, whether it is exclusive, and what it requires.
    fn plan(cases: &[(&str, bool, &[&str])]) -> Plan {
        let case = |(id, exclusive, requires): &(&str, bool, &[&str])| {
            format!(
                "[[case]]\nid = \"{id}\"\ntitle = \"t\"\nrule = \"It is so.\"\nlevel = \"must\"\n\
                 exclusive = {exclusive}\nrequires = {requires:?}\n[[case.step]]\nsend = \"GET /Users\"\n"
            )
        };
        let text = format!("suite = \"t\"\ntitle = \"t\"\n{}", cases.iter().map(case).collect::<String>());
        load(&[SourceFile::new("t.toml", text)], &Catalog::default())
            .unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render(false)))
    }

    fn trials(plan: &Plan) -> Vec<Trial<'_>> {
        plan.cases.iter().map(|case| Trial { case, app: None }).collect()
    }

    /// Runs everything, two at a time; `end` says how each ends. Returns the order, `+` for a start and `-` for an end,
    /// with what stood in the way.
    fn run(plan: &Plan, end: impl Fn(&str) -> Outcome) -> Vec<String> {
        let trials = trials(plan);
        let mut schedule = Schedule::new(&trials, true);
        let (mut log, mut running) = (Vec::new(), Vec::new());
        loop {
            while let Some(trial) = schedule.next(&running, 2) {
                running.push(trial);
                let name = trials[trial].case.id.trim_start_matches("t/");
                match schedule.obstacle(trial) {
                    Some(obstacle) => log.push(format!("+{name}: {obstacle}")),
                    None => log.push(format!("+{name}")),
                }
            }
            if running.is_empty() {
                return log;
            }
            let trial = running.remove(0);
            let id = trials[trial].case.id.trim_start_matches("t/");
            log.push(format!("-{id}"));
            let obstacle = schedule.obstacle(trial);
            let outcome = if obstacle.is_some() { Outcome::Skip } else { end(id) };
            let reason = obstacle.or_else(|| (outcome == Outcome::Skip).then(|| "no such feature".to_owned()));
            schedule.finished(trial, outcome, reason.as_deref());
        }
    }

    #[test]
    fn trials_run_side_by_side_after_what_they_require() {
        let plan = plan(&[("a", false, &["c"]), ("b", false, &[]), ("c", false, &[]), ("d", false, &["a", "b"])]);
        let log = run(&plan, |_| Outcome::Pass);
        assert_eq!(log, ["+b", "+c", "-b", "-c", "+a", "-a", "+d", "-d"]);
    }

    #[test]
    fn who_must_be_alone_is_alone_wherever_the_requirements_put_it() {
        let plan =
            plan(&[("a", true, &[]), ("b", false, &[]), ("c", true, &["b"]), ("d", false, &["c"]), ("e", false, &[])]);
        let log = run(&plan, |_| Outcome::Pass);
        assert_eq!(log, ["+a", "-a", "+b", "+e", "-b", "-e", "+c", "-c", "+d", "-d"]);
    }

    #[test]
    fn a_chain_breaks_at_its_first_link_and_names_it() {
        let plan = plan(&[("a", false, &[]), ("b", false, &["a"]), ("c", false, &["b"]), ("d", false, &[])]);
        let starts = |end: fn(&str) -> Outcome| {
            run(&plan, end).into_iter().filter(|line| line.starts_with(['+'])).collect::<Vec<_>>()
        };
        let fails = starts(|id| if id == "a" { Outcome::Fail } else { Outcome::Pass });
        assert_eq!(fails, ["+a", "+d", "+b: needs t/a, which failed", "+c: needs t/a, which failed"]);
        let skips = starts(|id| if id == "a" { Outcome::Skip } else { Outcome::Pass });
        assert_eq!(skips, ["+a", "+d", "+b: no such feature", "+c: no such feature"]);
        let warns = starts(|id| if id == "a" { Outcome::Warn } else { Outcome::Pass });
        assert_eq!(warns[2], "+b: needs t/a, which has a finding");
    }

    #[test]
    fn what_was_not_selected_stands_in_nobodys_way() {
        let plan = plan(&[("a", false, &[]), ("b", false, &["a"])]);
        let only: Vec<Trial<'_>> = trials(&plan).into_iter().filter(|trial| trial.case.id == "t/b").collect();
        let mut schedule = Schedule::new(&only, true);
        assert_eq!((schedule.next(&[], 1), schedule.obstacle(0)), (Some(0), None));
    }

    #[test]
    fn a_choice_takes_along_what_it_requires_and_knows_what_requires_it() {
        let plan = plan(&[("a", false, &[]), ("b", false, &["a"]), ("c", false, &["b"]), ("d", false, &[])]);
        let trials = trials(&plan);
        assert_eq!(with_required(&trials, &[false, false, true, false]), [true, true, true, false]);
        assert_eq!(with_required(&trials, &[false, true, false, true]), [true, true, false, true]);
        assert_eq!(dependents(&trials, &[true, false, false, false]), [false, true, true, false]);
        assert_eq!(dependents(&trials, &[false, false, true, true]), [false; 4]);
    }

    #[test]
    fn without_requirements_everything_waits_for_nothing() {
        let plan = plan(&[("a", false, &["b"]), ("b", false, &[])]);
        let trials = trials(&plan);
        assert_eq!(Schedule::new(&trials, false).next(&[], 1), Some(0));
        assert_eq!(Schedule::new(&trials, true).next(&[], 1), Some(1));
    }

    #[test]
    fn of_several_apps_the_same_counts_or_else_one_that_passes() {
        let [catalog, aiw] = [mock_okta::AppKind::Catalog, mock_okta::AppKind::Aiw]
            .map(|kind| scim_suite::AppId { kind, version: scim_suite::ScimVersion::V2 });
        let plan = plan(&[("a", false, &[]), ("b", false, &["a"])]);
        let [a, b] = plan.cases.as_slice() else { panic!("two cases") };
        let as_app = |case, app| Trial { case, app: Some(app) };
        let trials = [as_app(a, catalog), as_app(a, aiw), as_app(b, aiw), Trial { case: b, app: None }];
        let mut schedule = Schedule::new(&trials, true);
        schedule.finished(0, Outcome::Pass, None);
        schedule.finished(1, Outcome::Fail, None);
        assert_eq!(schedule.obstacle(2).as_deref(), Some("needs t/a@aiw, which failed"));
        assert_eq!(schedule.obstacle(3), None);
    }
}
