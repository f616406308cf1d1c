//! From one feed to the next: what HR does, and when.

use std::collections::VecDeque;

use indexmap::IndexMap;
use jiff::Timestamp;

use super::{Calendar, Employee, HrAction, HrChange, HrDeed, HrFeed};

/// What HR has done and is yet to do.
///
/// Feeds come in by [`receive`](Agenda::receive), what is due goes out by [`next`](Agenda::next). What a feed says about
/// days to come holds until a later feed says otherwise.
#[derive(Debug, Clone)]
pub struct Agenda {
    calendar: Calendar,
    staff: IndexMap<String, Entry>,
    /// What is done at once, before anything with a date.
    orders: VecDeque<HrAction>,
}

/// Somebody HR has named.
#[derive(Debug, Clone)]
struct Entry {
    /// What the latest feed says.
    row: Employee,
    /// What the org was told last.
    told: Employee,
    standing: Standing,
    /// Since when nothing about the person has changed.
    since: Timestamp,
}

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Hired, and the first day is yet to come.
    Staged,
    /// At work.
    Working,
    /// On a leave of absence.
    OnLeave,
    /// Gone.
    Gone,
    /// Gone, and hired again.
    Returning,
    /// Named by HR for the first time when already gone; the org never hears of them.
    Unknown,
}

impl Agenda {
    /// Returns the agenda of an org that HR has told nothing yet.
    pub fn new(calendar: Calendar) -> Agenda {
        Agenda { calendar, staff: IndexMap::new(), orders: VecDeque::new() }
    }

    /// Returns the calendar by which days are dated.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Takes in a feed. Whoever is in the feed no more has this day for the last.
    pub fn receive(&mut self, feed: &HrFeed, now: Timestamp) {
        for employee in feed.employees() {
            match self.staff.get(&employee.id).is_some_and(|entry| entry.standing != Standing::Unknown) {
                true => self.change(employee, now),
                false => self.hire(employee, now),
            }
        }
        let today = self.calendar.day_of(now);
        let missing = self.staff.values_mut().filter(|entry| feed.employee(&entry.row.id).is_none());
        for entry in missing {
            entry.row.last_day = Some(entry.row.last_day.map_or(today, |day| day.min(today)));
        }
    }

    /// Returns what is to be done next, if that is due by `until`.
    pub fn next(&mut self, until: Timestamp) -> Option<HrAction> {
        if let Some(order) = self.orders.pop_front_if(|order| order.at <= until) {
            return Some(order);
        }
        let due = self.staff.values().enumerate().filter_map(|(at, entry)| Some((self.turn(entry)?, at)));
        let ((moment, standing), at) =
            due.filter(|((moment, _), _)| *moment <= until).min_by_key(|((moment, _), at)| (*moment, *at))?;
        let (_, entry) = self.staff.get_index_mut(at)?;
        Some(entry.turn_to(standing, moment))
    }

    /// Returns everything that is to be done if no further feed comes, in order.
    pub fn ahead(&self) -> Vec<HrAction> {
        let mut copy = self.clone();
        std::iter::from_fn(|| copy.next(Timestamp::MAX)).collect()
    }

    fn hire(&mut self, employee: &Employee, now: Timestamp) {
        let is_gone = employee.last_day.is_some_and(|day| self.calendar.close_of(day) <= now);
        let standing = if is_gone { Standing::Unknown } else { Standing::Staged };
        let entry = Entry { row: employee.clone(), told: employee.clone(), standing, since: now };
        self.staff.insert(employee.id.clone(), entry);
        if !is_gone {
            let deed = HrDeed::Hire { employee: Box::new(employee.clone()) };
            self.orders.push_back(HrAction { at: now, who: employee.id.clone(), deed });
        }
    }

    fn change(&mut self, employee: &Employee, now: Timestamp) {
        let is_gone = employee.last_day.is_some_and(|day| self.calendar.close_of(day) <= now);
        let Some(entry) = self.staff.get_mut(&employee.id) else { return };
        if entry.row == *employee {
            return;
        }
        (entry.row, entry.since) = (employee.clone(), now);
        match entry.standing {
            Standing::Gone | Standing::Returning => {
                entry.standing = if is_gone { Standing::Gone } else { Standing::Returning };
            }
            _ => {
                let change = HrChange::between(&entry.told, employee);
                entry.told = employee.clone();
                if !change.is_empty() {
                    let deed = HrDeed::Change(change);
                    self.orders.push_back(HrAction { at: now, who: employee.id.clone(), deed });
                }
            }
        }
    }

    /// Returns when somebody's standing changes next, and to what.
    fn turn(&self, entry: &Entry) -> Option<(Timestamp, Standing)> {
        let Entry { row, standing, since, .. } = entry;
        let later = |moment: Timestamp| moment.max(*since);
        let begin = row.start.map_or(*since, |day| later(self.calendar.start_of(day)));
        let end = row.last_day.map(|day| (later(self.calendar.close_of(day)), Standing::Gone));
        let turn = match standing {
            Standing::Staged => Some((begin, Standing::Working)),
            Standing::Returning => Some((begin, Standing::Working)),
            Standing::Working => self.leave(row, *since),
            Standing::OnLeave => self.back(row, *since).map(|moment| (moment, Standing::Working)),
            Standing::Gone | Standing::Unknown => return None,
        };
        // Whoever leaves when something else begins, leaves.
        let end = end.filter(|_| *standing != Standing::Returning);
        [end, turn].into_iter().flatten().min_by_key(|(moment, _)| *moment)
    }

    /// Returns when a leave begins that is not over.
    fn leave(&self, row: &Employee, since: Timestamp) -> Option<(Timestamp, Standing)> {
        let leave = row.leave?;
        let from = self.calendar.start_of(leave.from).max(since);
        let is_over = leave.to.is_some_and(|day| self.calendar.end_of(day) <= from);
        (!is_over).then_some((from, Standing::OnLeave))
    }

    /// Returns when somebody on leave is back.
    fn back(&self, row: &Employee, since: Timestamp) -> Option<Timestamp> {
        match row.leave {
            // HR has put the leave off, or taken it back.
            None => Some(since),
            Some(leave) if self.calendar.start_of(leave.from) > since => Some(since),
            Some(leave) => leave.to.map(|day| self.calendar.end_of(day).max(since)),
        }
    }
}

impl Entry {
    /// Lets the standing change, and returns what that is.
    fn turn_to(&mut self, standing: Standing, at: Timestamp) -> HrAction {
        let deed = match (self.standing, standing) {
            (Standing::Returning, _) => {
                let change = HrChange::between(&self.told, &self.row);
                self.told = self.row.clone();
                HrDeed::Rehire(change)
            }
            (_, Standing::Gone) => HrDeed::Leave,
            (_, Standing::OnLeave) => HrDeed::GoOnLeave,
            (Standing::OnLeave, _) => HrDeed::ReturnFromLeave,
            _ => HrDeed::Start,
        };
        (self.standing, self.since) = (standing, at);
        HrAction { at, who: self.row.id.clone(), deed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,login,first name,last name,title,manager,groups,start date,last day,leave from,leave to\n";
    const BOSS: &str = "boss,b@a.example,Zoe,Summer,CEO,,,,,,\n";

    struct Office {
        agenda: Agenda,
        now: Timestamp,
    }

    impl Office {
        fn new(now: &str) -> Office {
            let calendar = Calendar::new("America/Los_Angeles", "17:00".parse().unwrap()).unwrap();
            let now = calendar.at(now.parse().unwrap()).unwrap();
            let mut agenda = Agenda::new(calendar);
            agenda.receive(&feed(""), now);
            while agenda.next(now).is_some() {}
            Office { agenda, now }
        }

        /// Receives rows beside the boss's, and returns what HR does until then.
        fn receive(&mut self, rows: &str) -> Vec<String> {
            self.agenda.receive(&feed(rows), self.now);
            self.until_now()
        }

        fn on(&mut self, moment: &str) -> Vec<String> {
            self.now = self.agenda.calendar().at(moment.parse().unwrap()).unwrap();
            self.until_now()
        }

        fn until_now(&mut self) -> Vec<String> {
            let done: Vec<HrAction> = std::iter::from_fn(|| self.agenda.next(self.now)).collect();
            assert!(done.is_sorted_by_key(|action| action.at), "{done:?}");
            done.iter().map(|action| self.told(action)).collect()
        }

        fn ahead(&self) -> Vec<String> {
            self.agenda.ahead().iter().map(|action| self.told(action)).collect()
        }

        fn told(&self, action: &HrAction) -> String {
            let deed = match &action.deed {
                HrDeed::Hire { employee } => format!("hire {}", employee.groups.join("+")),
                HrDeed::Start => "start".to_owned(),
                HrDeed::Change(change) => format!("change {}", changed(change)),
                HrDeed::GoOnLeave => "go on leave".to_owned(),
                HrDeed::ReturnFromLeave => "return".to_owned(),
                HrDeed::Leave => "leave".to_owned(),
                HrDeed::Rehire(change) => format!("rehire {}", changed(change)),
            };
            format!("{} {} {}", self.agenda.calendar().shown(action.at), action.who, deed.trim_end())
        }
    }

    fn changed(change: &HrChange) -> String {
        let set = change.set.iter().map(|(key, value)| format!("{key}={value}"));
        let groups =
            change.join.iter().map(|name| format!("+{name}")).chain(change.quit.iter().map(|it| format!("-{it}")));
        set.chain(groups).collect::<Vec<_>>().join(" ")
    }

    fn feed(rows: &str) -> HrFeed {
        HrFeed::parse(&format!("{HEADER}{BOSS}{rows}")).unwrap()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn hired_people_wait_for_their_first_day() {
        let mut office = Office::new("2026-03-02T09:00:00");
        let done = office.receive("lucy,l@a.example,Lucy,Winter,Agent,boss,Support,2026-03-09,,,\n");
        assert_eq!(done, ["2026-03-02 09:00 PST lucy hire Support"]);
        assert_eq!(office.ahead(), ["2026-03-09 00:00 PDT lucy start"], "the clocks have gone forward by then");
        assert_eq!(office.on("2026-03-08T23:59:59"), NOTHING);
        assert_eq!(office.on("2026-03-09T00:00:00"), ["2026-03-09 00:00 PDT lucy start"]);
    }

    #[test]
    fn a_promotion_is_one_change() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,,Support,,,,\n");
        assert_eq!(
            office.receive("lucy,l@a.example,Lucy,Winter,Lead,boss,People Managers;Support,,,,\n"),
            ["2026-03-02 09:00 PST lucy change title=Lead managerId=b@a.example manager=Zoe Summer +People Managers"]
        );
        assert_eq!(office.receive("lucy,l@a.example,Lucy,Winter,Lead,boss,People Managers;Support,,,,\n"), NOTHING);
        assert_eq!(
            office.receive("lucy,x@a.example,Lucy,Winter,,boss,Support,,,,\n"),
            ["2026-03-02 09:00 PST lucy change login=x@a.example title= -People Managers"]
        );
    }

    #[test]
    fn the_last_day_ends_with_the_close_of_business() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,,,,,,,\n");
        assert_eq!(office.receive("lucy,l@a.example,Lucy,Winter,,,,,2026-03-08,,\n"), NOTHING);
        assert_eq!(office.on("2026-03-08T16:59:00"), NOTHING);
        assert_eq!(office.on("2026-03-09T09:00:00"), ["2026-03-08 17:00 PDT lucy leave"]);
        assert_eq!(office.ahead(), NOTHING);
    }

    #[test]
    fn a_later_feed_dates_again_what_has_not_happened() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,,,,2026-03-04,,,\n");
        assert_eq!(office.receive("lucy,l@a.example,Lucy,Winter,,,,2026-03-06,2026-03-12,,\n"), NOTHING);
        assert_eq!(office.on("2026-03-05T12:00:00"), NOTHING);
        assert_eq!(office.ahead(), ["2026-03-06 00:00 PST lucy start", "2026-03-12 17:00 PDT lucy leave"]);
        assert_eq!(office.receive("lucy,l@a.example,Lucy,Winter,,,,2026-03-06,,,\n"), NOTHING);
        assert_eq!(office.ahead(), ["2026-03-06 00:00 PST lucy start"]);
    }

    #[test]
    fn who_is_in_no_feed_any_more_leaves_today() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,,,,,,,\n");
        assert_eq!(office.receive(""), NOTHING);
        assert_eq!(office.on("2026-03-03T00:00:00"), ["2026-03-02 17:00 PST lucy leave"]);
        assert_eq!(office.receive(""), NOTHING);
        assert_eq!(office.on("2026-03-04T00:00:00"), NOTHING);
    }

    #[test]
    fn who_comes_back_is_hired_again_with_what_has_changed() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,,Support,,,,\n");
        office.receive("");
        office.on("2026-06-01T09:00:00");
        let row = "lucy,l@a.example,Lucy,Winter,Lead,,Sales,2026-06-08,,,\n";
        assert_eq!(office.receive(row), NOTHING);
        assert_eq!(office.ahead(), ["2026-06-08 00:00 PDT lucy rehire title=Lead +Sales -Support"]);
        assert_eq!(office.on("2026-06-08T00:00:00").len(), 1);
        assert_eq!(office.receive(row), NOTHING);
        assert_eq!(office.ahead(), NOTHING);
    }

    #[test]
    fn a_leave_of_absence_begins_ends_and_can_be_put_off() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,,,,,,2026-03-05,2026-03-08\n");
        assert_eq!(
            office.ahead(),
            [
                "2026-03-02 09:00 PST lucy start",
                "2026-03-05 00:00 PST lucy go on leave",
                "2026-03-09 00:00 PDT lucy return"
            ][1..]
        );
        office.on("2026-03-06T12:00:00");
        assert_eq!(
            office.receive("lucy,l@a.example,Lucy,Winter,,,,,,2026-03-20,\n"),
            ["2026-03-06 12:00 PST lucy return"]
        );
        assert_eq!(office.ahead(), ["2026-03-20 00:00 PDT lucy go on leave"], "nobody knows when it ends");
        office.on("2026-03-21T00:00:00");
        assert_eq!(office.receive("lucy,l@a.example,Lucy,Winter,,,,,2026-03-31,2026-03-20,2026-04-30\n"), NOTHING);
        assert_eq!(office.ahead(), ["2026-03-31 17:00 PDT lucy leave"], "who leaves does not return first");
    }

    #[test]
    fn who_left_before_the_first_feed_is_never_heard_of() {
        let mut office = Office::new("2026-03-02T09:00:00");
        assert_eq!(office.receive("old,o@a.example,Old,Hand,,,,,2026-02-27,,\n"), NOTHING);
        assert_eq!(office.ahead(), NOTHING);
        assert_eq!(
            office.receive("old,o@a.example,Old,Hand,,,,,,,\n"),
            ["2026-03-02 09:00 PST old hire", "2026-03-02 09:00 PST old start"]
        );
    }

    #[test]
    fn who_never_starts_leaves_all_the_same() {
        let mut office = Office::new("2026-03-02T09:00:00");
        office.receive("lucy,l@a.example,Lucy,Winter,,,,2026-03-09,,,\n");
        office.receive("");
        assert_eq!(office.ahead(), ["2026-03-02 17:00 PST lucy leave"]);
    }

    #[test]
    fn what_is_due_at_the_same_moment_comes_in_the_order_of_the_rows() {
        let mut office = Office::new("2026-03-02T09:00:00");
        let rows = ["c", "a", "x"].map(|name| format!("{name},{name}@a.example,N,N,,,,2026-03-03,,,\n"));
        let done = office.receive(&rows.concat());
        assert_eq!(done.iter().map(|told| &told[21..]).collect::<Vec<_>>(), ["c hire", "a hire", "x hire"]);
        let done = office.on("2026-03-03T00:00:00");
        assert_eq!(done.iter().map(|told| &told[21..]).collect::<Vec<_>>(), ["c start", "a start", "x start"]);
    }
}
