//! Jobs on their way: which flow a job drives, and what the org takes over when it ends.

use super::assignment::Change;
use super::imports::Haul;
use super::{
    Account, Actor, EventType, Job, JobId, LogOutcome, Org, OrgApp, OrgError, Subject, SyncState, Target, TargetKind,
    Task, Work,
};
use crate::import::{Discovery, Import};
use crate::message;
use crate::{
    AppUser, AppUserStatus, Event, Flow, GroupEvent, GroupFlow, Mapping, MappingStatus, Member, Outcome, Profile,
    Request, Response, Step,
};

/// A job that is not over.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) job: Job,
    machine: Option<Machine>,
    sent: u32,
    /// Whether a user was created rather than found.
    created: bool,
    wakes: Option<u64>,
    /// The id of the task that is retried.
    retries: Option<String>,
    haul: Haul,
}

#[derive(Debug, Clone)]
enum Machine {
    User(Box<Flow>),
    Group {
        flow: Box<GroupFlow>,
        /// What the service provider was believed to hold at the start.
        before: Vec<Member>,
    },
    Import(Box<Import>),
    Discovery(Box<Discovery>),
}

impl Machine {
    fn next(&mut self, response: Response) -> Step {
        match self {
            Machine::User(flow) => flow.next(response),
            Machine::Group { flow, .. } => flow.next(response),
            Machine::Import(import) => import.next(response),
            Machine::Discovery(discovery) => discovery.next(response),
        }
    }

    fn resume(&mut self) -> Step {
        match self {
            Machine::User(flow) => flow.resume(),
            Machine::Group { flow, .. } => flow.resume(),
            Machine::Import(import) => import.resume(),
            Machine::Discovery(discovery) => discovery.resume(),
        }
    }

    fn timed_out(&mut self) -> Step {
        match self {
            Machine::User(flow) => flow.timed_out(),
            // No source speaks of another attempt.
            Machine::Group { flow, .. } => flow.next(message::no_answer()),
            Machine::Import(import) => import.timed_out(),
            Machine::Discovery(discovery) => discovery.timed_out(),
        }
    }

    fn haul(&mut self, haul: &mut Haul) {
        match self {
            Machine::Import(import) => haul.take(import.take_seen()),
            Machine::Discovery(discovery) => haul.take_values(discovery.take_seen()),
            Machine::User(_) | Machine::Group { .. } => {}
        }
    }
}

impl Org {
    /// Starts a job and returns its first step. The last step, [`Step::Done`], leaves the org in the
    /// state that follows from the job.
    ///
    /// A job that has become pointless is over at once: the person is not assigned any more, the
    /// integration was switched off. So is one that is over already, or of another org.
    pub fn start(&mut self, id: JobId) -> Step {
        let Some(job) = self.take_up(id) else { return over() };
        match self.machine(&job) {
            Ok((machine, step)) => {
                let haul = self.apps.get(&job.app).map(|app| self.empty_haul(app)).unwrap_or_default();
                if let Some(run) = self.runs.get_mut(&id) {
                    (run.machine, run.haul) = (Some(machine), haul);
                }
                self.account_syncs(&job);
                self.took(id, step)
            }
            Err(reason) => self.skip(id, reason),
        }
    }

    /// Takes the answer to the request a job sent last and returns its next step.
    pub fn next(&mut self, id: JobId, response: Response) -> Step {
        if response.status == 429
            && let Some(job) = self.take_up(id)
        {
            let targets = vec![self.app_target(&job.app)];
            self.note(Actor::System, EventType::RateLimitExceeded, targets, LogOutcome::Success);
        }
        self.go_on(id, |machine| machine.next(response))
    }

    /// Goes on with a job after a request which nothing came back for, within the minute Okta gives a
    /// connection.
    pub fn timed_out(&mut self, id: JobId) -> Step {
        self.go_on(id, Machine::timed_out)
    }

    /// Goes on with a job after a [`Step::Wait`]; the org's clock goes on with it.
    pub fn resume(&mut self, id: JobId) -> Step {
        let wakes = self.runs.get_mut(&id).and_then(|run| run.wakes.take());
        self.now = self.now.max(wakes.unwrap_or_default());
        self.go_on(id, Machine::resume)
    }

    fn go_on(&mut self, id: JobId, step: impl FnOnce(&mut Machine) -> Step) -> Step {
        self.take_up(id);
        let Some(run) = self.runs.get_mut(&id) else { return over() };
        let Some(machine) = &mut run.machine else { return over() };
        let step = step(machine);
        machine.haul(&mut run.haul);
        self.took(id, step)
    }

    /// Takes up a job, on whose behalf the org acts from here on; nothing for one that is over.
    fn take_up(&mut self, id: JobId) -> Option<Job> {
        let job = self.runs.get(&id)?.job.clone();
        (self.transaction, self.job) = (job.transaction, Some(id));
        Some(job)
    }

    pub(super) fn job(&mut self, app: &str, subject: Subject, work: Work, cause: &str) -> Job {
        self.made += 1;
        let (app, cause, transaction) = (app.to_owned(), cause.to_owned(), self.transaction);
        let job = Job { id: JobId(self.made), app, subject, work, cause, transaction };
        let (machine, haul) = (None, Haul::default());
        let run = Run { job: job.clone(), machine, sent: 0, created: false, wakes: None, retries: None, haul };
        self.runs.insert(job.id, run);
        job
    }

    /// Attempts again what a task is about. A group is pushed as a whole then (Okta help,
    /// "Troubleshooting Group Push", "Retry All Groups").
    pub(super) fn retry(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        let Some(task) = self.tasks.get(id).cloned() else { return Err(OrgError::UnknownTask(id.to_owned())) };
        self.expect_integration(&task.app)?;
        let work = match task.work {
            Work::PushMembers(_) | Work::RenameGroup => Work::PushNow,
            work => work,
        };
        let jobs = match task.subject {
            Subject::Person(person) => {
                let accounts = vec![(person, work, "task retried".to_owned())];
                self.in_order(&task.app, accounts, &Change::of_nobody("task retried"))
            }
            subject => vec![self.job(&task.app, subject, work, "task retried")],
        };
        let retried = jobs.iter().find(|job| !matches!(job.work, Work::PushMembers(_)));
        if let Some(run) = retried.and_then(|job| self.runs.get_mut(&job.id)) {
            run.retries = Some(task.id);
        }
        Ok(jobs)
    }

    fn took(&mut self, id: JobId, step: Step) -> Step {
        let now = self.now;
        if let Some(run) = self.runs.get_mut(&id) {
            match &step {
                Step::Send(request) => {
                    run.sent += 1;
                    run.created |= creates(request);
                }
                Step::Wait(pause) => run.wakes = Some(now.saturating_add(pause.as_secs())),
                Step::Done(outcome) => self.settle(id, &outcome.clone()),
            }
        }
        step
    }

    fn skip(&mut self, id: JobId, reason: &str) -> Step {
        let Some(run) = self.runs.shift_remove(&id) else { return over() };
        self.tasks.retain(|_, task| !is_about(task, &run.job) && Some(&task.id) != run.retries.as_ref());
        if let Work::Deactivate | Work::Unassign = run.job.work {
            self.gone(&run.job);
        }
        self.note_job(&run, LogOutcome::Skipped(reason.to_owned()));
        Step::Done(Outcome::Done { message: format!("nothing is sent: {reason}") })
    }

    /// Notes that there is no account to deactivate, and so none to provision either.
    fn gone(&mut self, job: &Job) {
        let Some(account) = self.account_of(job).filter(|account| !account.assigned) else { return };
        account.user.status = AppUserStatus::Deprovisioned;
        account.sync = SyncState::Synchronized;
        self.close_tasks(job);
    }

    /// Makes the flow of a job; an error is the reason why there is nothing to do.
    fn machine(&self, job: &Job) -> Result<(Machine, Step), &'static str> {
        let app = self.apps.get(&job.app).ok_or("the app is gone")?;
        if !app.integration && job.work != Work::Connect {
            return Err("the API integration is off");
        }
        match &job.subject {
            Subject::App => Ok(self.app_flow(app, &job.work)),
            Subject::Person(person) => account_flow(app, person, &job.work),
            Subject::Group(group) => self.group_flow(app, group, &job.work),
        }
    }

    fn app_flow(&self, app: &OrgApp, work: &Work) -> (Machine, Step) {
        let mut settings = app.import.settings.clone();
        settings.org_safeguard = settings.org_safeguard.map(|(safeguard, _)| (safeguard, self.assignments()));
        match work {
            Work::Import(scope) => {
                let (import, step) = Import::start(&app.app, *scope, settings, self.known(app));
                (Machine::Import(Box::new(import)), step)
            }
            Work::Discover(goal) => {
                let (discovery, step) = Discovery::start(&app.app, *goal, settings);
                (Machine::Discovery(Box::new(discovery)), step)
            }
            _ => user_flow(app, &nobody(), &Event::Connect),
        }
    }

    /// Returns how many assignments there are in all apps.
    fn assignments(&self) -> usize {
        self.apps.values().flat_map(|app| app.accounts.values()).filter(|account| account.assigned).count()
    }

    fn group_flow(&self, app: &OrgApp, group: &str, work: &Work) -> Result<(Machine, Step), &'static str> {
        let mut mapping = app.mapping(group).ok_or("the group is not pushed any more")?.mapping.clone();
        if self.groups.contains_key(group) {
            mapping.group = self.flow_group(group);
        }
        let held = |work: &Work| matches!(work, Work::PushMembers(_) | Work::RenameGroup);
        if mapping.status != MappingStatus::Active && held(work) {
            return Err("the push of the group is off or has failed");
        }
        let event = self.group_event(app, group, &mapping, work);
        let (flow, step) = GroupFlow::start(&app.app, &mapping, &event);
        Ok((Machine::Group { flow: Box::new(flow), before: mapping.pushed }, step))
    }

    fn group_event(&self, app: &OrgApp, group: &str, mapping: &Mapping, work: &Work) -> GroupEvent {
        let members = || self.pushable(app, group);
        match work {
            Work::PushGroup => GroupEvent::Push(members()),
            Work::LinkGroup => GroupEvent::Link(members()),
            Work::RelinkGroup => GroupEvent::Relink(members()),
            Work::RenameGroup => GroupEvent::Rename(mapping.group.name.clone()),
            Work::PushMembers(people) => {
                let (add, remove) = self.membership_changes(app, group, people);
                GroupEvent::ChangeMembers { add, remove }
            }
            Work::DeactivatePush => GroupEvent::DeactivatePush,
            Work::ActivatePush => GroupEvent::ActivatePush(members()),
            Work::UnlinkGroup { delete } => GroupEvent::Unlink { delete: *delete },
            _ => GroupEvent::PushNow(members()),
        }
    }

    fn account_syncs(&mut self, job: &Job) {
        if let Some(account) = self.account_of(job) {
            account.sync = SyncState::Syncing;
        }
    }

    fn account_of(&mut self, job: &Job) -> Option<&mut Account> {
        let Subject::Person(person) = &job.subject else { return None };
        self.apps.get_mut(&job.app)?.accounts.get_mut(person)
    }

    /// Takes over what a job brought about.
    fn settle(&mut self, id: JobId, outcome: &Outcome) {
        let Some(mut run) = self.runs.shift_remove(&id) else { return };
        let succeeded = matches!(outcome, Outcome::Done { .. });
        let haul = std::mem::take(&mut run.haul);
        match run.machine.take() {
            Some(Machine::User(flow)) => self.settle_account(&run, flow.user(), succeeded),
            Some(Machine::Group { flow, before }) => self.settle_mapping(&run, flow.mapping(), &before),
            Some(Machine::Import(import)) => self.settle_import(&run.job.app, *import, haul),
            Some(Machine::Discovery(discovery)) => self.settle_discovery(&run.job.app, &discovery, haul),
            None => {}
        }
        if run.job.work == Work::Connect
            && succeeded
            && let Some(app) = self.apps.get_mut(&run.job.app)
        {
            app.integration = true;
        }
        match outcome {
            Outcome::Done { message } => {
                self.close_tasks(&run.job);
                let silent = run.sent == 0 && !matches!(run.job.work, Work::UnlinkGroup { .. });
                self.note_job(&run, if silent { LogOutcome::Skipped(message.clone()) } else { LogOutcome::Success });
            }
            Outcome::Task { message } => {
                self.open_task(&run.job, message);
                self.note_job(&run, LogOutcome::Failure(message.clone()));
            }
        }
    }

    /// Takes over link and state; the profile may have moved on meanwhile.
    fn settle_account(&mut self, run: &Run, user: &AppUser, succeeded: bool) {
        let now = self.now;
        let Some(account) = self.account_of(&run.job) else { return };
        account.user.remote_id.clone_from(&user.remote_id);
        account.user.status = user.status;
        if let Some(id) = &user.remote_id {
            account.last_remote_id = Some(id.clone());
        }
        account.sync = match (succeeded, run.sent) {
            (false, _) => SyncState::Error,
            (true, 0) => SyncState::Disabled,
            (true, _) => SyncState::Synchronized,
        };
        if run.sent > 0 {
            (account.last_sync, account.pushed) = (Some(now), true);
        }
    }

    /// Takes over a mapping. Several jobs of one group may be under way, so of the members only what this
    /// one changed counts.
    fn settle_mapping(&mut self, run: &Run, after: &Mapping, before: &[Member]) {
        let Subject::Group(group) = &run.job.subject else { return };
        let now = self.now;
        let Some(found) = self.apps.get_mut(&run.job.app).and_then(|app| app.mappings.get_mut(group)) else { return };
        let mut pushed = std::mem::take(&mut found.mapping.pushed);
        pushed.retain(|member| after.pushed.contains(member) || !before.contains(member));
        let came = after.pushed.iter().filter(|member| !before.contains(member));
        for member in came {
            pushed.retain(|known| known.remote_id != member.remote_id);
            pushed.push(member.clone());
        }
        found.mapping = Mapping { pushed, ..after.clone() };
        if run.sent > 0 {
            found.last_push = Some(now);
        }
        if matches!(run.job.work, Work::UnlinkGroup { .. }) && after.status == MappingStatus::Inactive {
            found.linked = false;
        }
    }

    fn close_tasks(&mut self, job: &Job) {
        let settled = |task: &Task| task.app == job.app && task.subject == job.subject && job.work.settles(&task.work);
        self.tasks.retain(|_, task| !settled(task));
    }

    /// Opens a task, or renews the one that is open about the same. Credentials and imports that fail are
    /// told where they were started, not by a task.
    fn open_task(&mut self, job: &Job, message: &str) {
        if job.subject == Subject::App {
            return;
        }
        if let Some(task) = self.tasks.values_mut().find(|task| is_about(task, job)) {
            message.clone_into(&mut task.message);
            task.failures += 1;
            return;
        }
        let id = self.make_id("tsk");
        let task = Task {
            id: id.clone(),
            app: job.app.clone(),
            subject: job.subject.clone(),
            work: job.work.clone(),
            message: message.to_owned(),
            created: self.now,
            failures: 1,
        };
        self.tasks.insert(id, task);
    }

    fn note_job(&mut self, run: &Run, outcome: LogOutcome) {
        let failed = matches!(outcome, LogOutcome::Failure(_));
        let Some(mut event_type) = event_type(&run.job.work, run.created, failed) else { return };
        if event_type == EventType::ImportComplete && self.was_halted(&run.job.app) {
            event_type = EventType::ImportRoadblock;
        }
        let mut targets = match &run.job.subject {
            Subject::App => Vec::new(),
            Subject::Person(person) => vec![self.account_target(&run.job.app, person), self.person_target(person)],
            Subject::Group(group) => vec![self.mapping_target(&run.job.app, group), self.group_target(group)],
        };
        targets.push(self.app_target(&run.job.app));
        self.note(Actor::System, event_type, targets, outcome);
    }

    fn mapping_target(&self, app: &str, group: &str) -> Target {
        let found = self.apps.get(app).and_then(|app| app.mappings.get(group));
        Target {
            kind: TargetKind::AppGroup,
            id: found.map(|found| found.id.clone()).unwrap_or_default(),
            alternate_id: String::new(),
            display_name: found.map(|found| found.mapping.target_name.clone()).unwrap_or_default(),
        }
    }
}

fn account_flow(app: &OrgApp, person: &str, work: &Work) -> Result<(Machine, Step), &'static str> {
    let account = app.accounts.get(person).ok_or("the person was never assigned")?;
    let user = &account.user;
    let event = match work {
        Work::Provision => {
            if !account.assigned {
                return Err("the person is not assigned any more");
            }
            Event::Assign
        }
        Work::Deactivate | Work::Unassign => {
            if account.assigned {
                return Err("the person is assigned again");
            }
            if user.remote_id.is_none() {
                return Err("the service provider has no account that Okta knows of");
            }
            if *work == Work::Unassign { Event::Unassign } else { Event::Deactivate }
        }
        _ if !account.assigned || user.status != AppUserStatus::Provisioned || user.remote_id.is_none() => {
            return Err("the service provider has no account to change");
        }
        Work::PushPassword => Event::SyncPassword(user.password.clone()),
        Work::ForceSync => Event::ForceSync,
        _ => Event::Update(Vec::new()),
    };
    Ok(user_flow(app, user, &event))
}

fn user_flow(app: &OrgApp, user: &AppUser, event: &Event) -> (Machine, Step) {
    let (flow, step) = Flow::start(&app.app, user, event);
    (Machine::User(Box::new(flow)), step)
}

/// Stands in where a flow is about no user.
fn nobody() -> AppUser {
    AppUser::new("", Profile::new("", "", ""), "")
}

fn is_about(task: &Task, job: &Job) -> bool {
    (&task.app, &task.subject, &task.work) == (&job.app, &job.subject, &job.work)
}

fn creates(request: &Request) -> bool {
    request.method == "POST" && request.target == "/Users"
}

fn over() -> Step {
    Step::Done(Outcome::Done { message: "nothing is sent: the job is over".to_owned() })
}

/// Returns how the System Log names what a job did; nothing where the administrator's act is logged.
fn event_type(work: &Work, created: bool, failed: bool) -> Option<EventType> {
    Some(match work {
        Work::Connect if failed => EventType::AuthenticationFailure,
        Work::Connect | Work::Discover(_) => EventType::ApiQuery,
        Work::Import(_) => EventType::ImportComplete,
        Work::Provision if created => EventType::PushUser,
        Work::Provision => EventType::SyncUser,
        Work::PushProfile | Work::ForceSync => EventType::PushProfile,
        Work::PushPassword => EventType::PushPassword,
        Work::Deactivate | Work::Unassign => EventType::DeactivateUser,
        Work::RenameGroup if failed => EventType::GroupPushRenameFailed,
        Work::RenameGroup => EventType::GroupPushRenamed,
        Work::DeactivatePush => return None,
        _ if failed => EventType::GroupPushFailed,
        Work::PushGroup | Work::LinkGroup | Work::RelinkGroup => EventType::GroupPushed,
        Work::PushMembers(_) | Work::PushNow | Work::ActivatePush => EventType::GroupPushMemberships,
        Work::UnlinkGroup { delete: true } => EventType::GroupPushDeleteAppGroup,
        Work::UnlinkGroup { delete: false } => EventType::GroupPushRemoved,
    })
}
