//! The known ways of escalation, as data.
//!
//! A method asks for actions, each on its own resource, and says what they lead to. The engine asks the evaluator for
//! each of them; nothing here decides anything.

/// A way of escalation.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Its id in the catalogue of pathfinding.cloud, or our own.
    pub id: &'static str,
    /// What it does, in a few words: "writes a new version of a policy of its own".
    pub title: &'static str,
    /// What the actor must be allowed, all of it.
    pub asks: &'static [Ask],
    /// What it leads to.
    pub gain: Gain,
    /// Whether AWS has closed the service, so that it is of historic interest only.
    pub historic: bool,
    /// Where it was described.
    pub source: &'static str,
}

/// An action the actor must be allowed, on a resource.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Any one of these actions.
    pub any: &'static [&'static str],
    /// On what.
    pub on: On,
}

/// The resource of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The action knows no resources.
    Star,
    /// Any resource of this shape, existing or new: the part of the ARN behind the account, such as `function:*`, with
    /// the service and region of the action's own service; `-` in place of the region for global services.
    Any(&'static str, &'static str),
    /// The ARN of the actor itself.
    Actor,
    /// A customer managed policy in force on the actor.
    ActorPolicy,
    /// A group the actor is in.
    ActorGroup,
    /// The target principal.
    Target,
    /// A customer managed policy in force on the target.
    TargetPolicy,
    /// The workload that runs with the target.
    Workload,
}

/// Who can use a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Users and roles.
    Any,
    /// Users only.
    User,
    /// Roles only.
    Role,
}

/// What a method leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// The actor may write its own policies: it gets all that its boundary and its organization leave.
    Own(Actor),
    /// The actor brings an older version of its policy back.
    OwnVersion,
    /// The actor joins a group.
    Group,
    /// The actor takes its boundary off.
    OwnBoundary(Actor),
    /// The actor takes a policy off that denies it something.
    OwnDeny,
    /// The actor unlocks what its policies allow with a second factor only.
    OwnMfa,
    /// The actor makes a new principal with policies of its choice.
    New,
    /// The actor acts as a user.
    User(UserNeeds),
    /// The actor acts as a role it may assume; `trusting` says whether the trust must admit it beforehand, `empowered`
    /// whether the method gives the role all policies the actor likes.
    Role {
        /// Whether the role must already trust the actor.
        trusting: bool,
        /// Whether the role gets policies of the actor's choice.
        empowered: bool,
        /// Whether the role loses its boundary.
        unbounded: bool,
    },
    /// The actor passes a role to a service that then runs what the actor says; `iam:PassRole` is asked for besides.
    Passed {
        /// The services, any of which the role must trust.
        services: &'static [&'static str],
        /// Whether the role needs an instance profile.
        profile: bool,
    },
    /// The actor controls what a workload runs, and so acts as its role.
    Runs {
        /// The type of the workload in the inventory; workloads of other types cannot be seen.
        kind: &'static str,
        /// The services that its role trusts.
        services: &'static [&'static str],
    },
    /// Something that the inventory does not show: another identity system, a stored secret.
    Elsewhere,
}

/// What must hold of a user so that the actor can act as it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserNeeds {
    /// Fewer than two access keys.
    RoomForKey,
    /// Two access keys, one of which the actor deletes.
    FullKeys,
    /// No password yet.
    NoPassword,
    /// A password; a second factor still stands in the way.
    Password,
    /// Fewer than two access keys; the user gets policies of the actor's choice.
    RoomForKeyEmpowered,
}
