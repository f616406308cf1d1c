//! The Okta org of one life: three people, two groups and an app, whose events become requests.

use mock_okta::org::{Job, Org, OrgEvent};
use mock_okta::{App, AppKind, Profile};
use scim_fuzz::sequence::{Deed, EMPLOYEES, Employee, Name, TEAMS, Team, Version};

use super::deed::Cast;

/// The org of one life.
pub(super) struct Troupe {
    pub(super) org: Org,
    app: String,
}

impl Troupe {
    /// Returns an org in which nothing has happened yet.
    pub(super) fn new(cast: &Cast) -> Troupe {
        let mut org = Org::new(cast.prefix.clone());
        let app = org.app_id(APP);
        settle(&mut org, OrgEvent::AddApp { key: APP.to_owned(), app: Box::new(App::new(AppKind::Catalog)) });
        for who in (0..EMPLOYEES).map(Employee) {
            let profile = Profile::new(cast.user_name(Name(who.0)), "Grace", format!("Hopper {}", who.0));
            settle(&mut org, OrgEvent::CreatePerson { key: who.to_string(), profile, activate: true });
        }
        for team in (0..TEAMS).map(Team) {
            let name = cast.group_name(Name(FIRST_TEAM_NAME + team.0));
            settle(&mut org, OrgEvent::CreateGroup { key: team.to_string(), name, description: None });
        }
        Troupe { org, app }
    }

    /// Lets a deed happen, and returns what Okta has to do because of it; nothing where the org does not allow it.
    pub(super) fn happen(&mut self, deed: &Deed, cast: &Cast) -> Vec<Job> {
        let app = self.app.clone();
        let person = |who: &Employee| self.org.person_id(&who.to_string());
        let group = |team: &Team| self.org.group_id(&team.to_string());
        let event = match deed {
            Deed::Assign(who) => OrgEvent::Assign { app, person: person(who), attributes: Vec::new() },
            Deed::Update(who, Version(version)) => {
                let changes = vec![("displayName".to_owned(), format!("Grace {version}"))];
                OrgEvent::UpdateProfile { person: person(who), changes }
            }
            Deed::Leave(who) => OrgEvent::Deactivate { person: person(who) },
            Deed::Return(who) => OrgEvent::Reactivate { person: person(who) },
            Deed::Unassign(who) => OrgEvent::Unassign { app, person: person(who) },
            Deed::Push(team) => OrgEvent::PushGroup { app, group: group(team) },
            Deed::RenameTeam(team, name) => OrgEvent::RenameGroup { group: group(team), name: cast.group_name(*name) },
            Deed::Join(team, who) => OrgEvent::AddMember { group: group(team), person: person(who) },
            Deed::Quit(team, who) => OrgEvent::RemoveMember { group: group(team), person: person(who) },
            Deed::PushNow(team) => OrgEvent::PushNow { app, group: group(team) },
            Deed::Unlink(team) => OrgEvent::UnlinkGroup { app, group: group(team), delete: true },
            _ => return Vec::new(),
        };
        // What the org refuses — somebody is no member, a push is not there — does not happen.
        self.org.apply(event).unwrap_or_default()
    }
}

/// Lets an event happen that cannot be refused while the org is set up, and sends nothing.
fn settle(org: &mut Org, event: OrgEvent) {
    let jobs = org.apply(event).expect("an empty org takes people, groups and an app");
    debug_assert!(jobs.is_empty(), "nobody is assigned yet");
}

const APP: &str = "app";
/// The groups of the org have the last names, its people the first ones.
const FIRST_TEAM_NAME: u8 = 4;
