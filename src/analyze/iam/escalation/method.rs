//! What a known way of escalation is, as data.
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
    /// What the actor must be allowed, all of it. `iam:PassRole` on the target is left out: [`Gain::Passed`],
    /// [`Gain::PassedToPool`] imply it. `sts:AssumeRole` is listed, to be asked together with the trust of the role.
    pub asks: &'static [Ask],
    /// What must be so besides, in a few words; empty where nothing is.
    pub needs: &'static str,
    /// Whether a part of [`Method::needs`] is nothing that an inventory can show: the method is possible at most then,
    /// never present.
    pub unseen: bool,
    /// An action that the target must be allowed on `*` for the way to open, for [`Gain::Runs`]; empty where none. Where the
    /// target certainly is not, something else may open the way still, and it is possible only.
    pub target_may: &'static str,
    /// What it leads to.
    pub gain: Gain,
    /// Whether AWS has closed the service, so that it is of historic interest only.
    pub historic: bool,
    /// Where it was described.
    pub source: &'static str,
}

/// A thing the actor must be allowed.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// This action.
    One(Act),
    /// Any one of these.
    Any(&'static [Act]),
}

impl Method {
    /// The actions that it takes, all of them, on the principal it leads to.
    pub fn on_target(&self) -> impl Iterator<Item = &'static str> {
        let passes = matches!(self.gain, Gain::Passed { .. } | Gain::PassedToPool);
        let asked = self.asks.iter().filter_map(|ask| match ask {
            Ask::One(act) if act.on == On::Target => Some(act.action),
            _ => None,
        });
        asked.chain(passes.then_some("iam:PassRole"))
    }
}

impl Ask {
    /// The actions, any one of which will do.
    pub fn acts(&self) -> &[Act] {
        match self {
            Self::One(act) => std::slice::from_ref(act),
            Self::Any(acts) => acts,
        }
    }
}

/// An action on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// The action, as AWS writes it.
    pub action: &'static str,
    /// On what.
    pub on: On,
}

/// The resource of an action.
///
/// Asks of one method for the same [`Shape`] are about the same resource: the role that is made is the one that gets a
/// policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The action knows no resources.
    Star,
    /// A resource of this shape, new or existing, of whatever name the actor likes.
    Any(Shape),
    /// A resource of this shape that is there already; of this type in the inventory, which may not be a type that the
    /// inventory holds.
    Existing(&'static str, Shape),
    /// The actor itself, which must be a user.
    ActorUser,
    /// The actor itself, which must be a role.
    ActorRole,
    /// A customer managed policy in force on the actor.
    ActorPolicy,
    /// A group the actor is in.
    ActorGroup,
    /// A group whose members are administrators.
    AdminGroup,
    /// The target: a user or role, or a group for [`Gain::Group`].
    Target,
    /// A customer managed policy in force on the target.
    TargetPolicy,
    /// An identity provider that the target, a role, trusts.
    TargetProvider,
    /// The workload that runs with the target: that of [`Gain::Runs`].
    Workload,
}

/// What the ARN of a resource looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The service in the ARN, which need not be the prefix of the action.
    pub service: &'static str,
    /// Which of region and account the ARN states.
    pub place: Place,
    /// The part behind the account, with `*` for names: `function:*`.
    pub resource: &'static str,
}

/// Which of region and account an ARN states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Both.
    Regional,
    /// The account only.
    Global,
    /// Neither.
    Bare,
}

impl Shape {
    /// With region and account.
    pub const fn regional(service: &'static str, resource: &'static str) -> Self {
        Self { service, place: Place::Regional, resource }
    }

    /// With an account and no region.
    pub const fn global(service: &'static str, resource: &'static str) -> Self {
        Self { service, place: Place::Global, resource }
    }

    /// Without region and account.
    pub const fn bare(service: &'static str, resource: &'static str) -> Self {
        Self { service, place: Place::Bare, resource }
    }

    /// The pattern of all such resources of an account in a region, which may be `*`.
    pub fn pattern(&self, partition: &str, region: &str, account: &str) -> String {
        let (region, account) = match self.place {
            Place::Regional => (region, account),
            Place::Global => ("", account),
            Place::Bare => ("", ""),
        };
        let Self { service, resource, .. } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
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
    /// The actor passes a role to an identity pool that hands its credentials out; the role must trust the provider
    /// `cognito-identity.amazonaws.com` (`sts:AssumeRoleWithWebIdentity`). `iam:PassRole` is asked for besides.
    PassedToPool,
    /// The actor controls what a workload runs, and so acts as its role.
    Runs {
        /// The type of the workload in the inventory; workloads of other types cannot be seen.
        kind: &'static str,
        /// What the ARNs of such workloads look like.
        shape: Shape,
        /// The services that its role trusts.
        services: &'static [&'static str],
    },
    /// The actor gives itself a permission set of its choice in Identity Center.
    PermissionSet {
        /// Whether the actor must be a role of a permission set already.
        assigned: bool,
    },
    /// Something that the inventory does not show: another identity system, a stored secret.
    Elsewhere,
    /// No further rights: the actor outlives the loss of its credentials.
    Persistence,
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

/// What the request of a method carries under a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// This ARN, with `{partition}` to be filled in.
    Arn(&'static str),
    /// Nothing: the key is absent.
    Nothing,
    /// The ARN of the target.
    Target,
    /// The ARN of the instance profile of the target.
    Profile,
    /// The boundary of the principal that is changed; absent if it has none.
    Boundary,
}

/// The managed policy that allows everything.
const ADMINISTRATOR: Carries = Carries::Arn("arn:{partition}:iam::aws:policy/AdministratorAccess");

/// What an actor that wants the most would put into the request of an action, by condition key; all other keys of
/// the service are open.
///
/// Source: the condition keys of each action in AWS's Service Authorization Reference.
pub fn carried(action: &str, gain: Gain) -> &'static [(&'static str, Carries)] {
    match action {
        "iam:AttachUserPolicy" | "iam:AttachRolePolicy" => {
            &[("iam:PolicyARN", ADMINISTRATOR), ("iam:PermissionsBoundary", Carries::Boundary)]
        }
        "iam:AttachGroupPolicy" => &[("iam:PolicyARN", ADMINISTRATOR)],
        "iam:PutUserPolicy"
        | "iam:PutRolePolicy"
        | "iam:UpdateAssumeRolePolicy"
        | "iam:DetachUserPolicy"
        | "iam:DetachRolePolicy"
        | "iam:DeleteUserPolicy"
        | "iam:DeleteRolePolicy"
        | "iam:DeleteUserPermissionsBoundary"
        | "iam:DeleteRolePermissionsBoundary" => &[("iam:PermissionsBoundary", Carries::Boundary)],
        "iam:PutUserPermissionsBoundary" | "iam:PutRolePermissionsBoundary" => {
            &[("iam:PermissionsBoundary", ADMINISTRATOR)]
        }
        "iam:CreateUser" | "iam:CreateRole" => &[("iam:PermissionsBoundary", Carries::Nothing)],
        "cloudformation:CreateStack"
        | "cloudformation:UpdateStack"
        | "cloudformation:CreateStackSet"
        | "cloudformation:UpdateStackSet"
        | "cloudformation:CreateChangeSet" => match gain {
            Gain::Passed { .. } => &[("cloudformation:RoleArn", Carries::Target)],
            _ => &[("cloudformation:RoleArn", Carries::Nothing)],
        },
        "codebuild:CreateProject" | "codebuild:UpdateProject" => {
            &[("codebuild:serviceRole", Carries::Target)]
        }
        "ec2:RunInstances" => &[("ec2:InstanceProfile", Carries::Profile)],
        "ec2:AssociateIamInstanceProfile" | "ec2:ReplaceIamInstanceProfileAssociation" => {
            &[("ec2:NewInstanceProfile", Carries::Profile)]
        }
        "ec2:ModifyInstanceAttribute" | "ec2:StopInstances" | "ec2:StartInstances" => {
            &[("ec2:InstanceProfile", Carries::Profile)]
        }
        _ => &[],
    }
}
