//! Ways within IAM and Identity Center: over the actor's own policies, and over other principals.

use super::super::method::{Actor, Ask, Gain, Method, On, UserNeeds};
use super::shapes::{PERMISSION_SET, ROLE, SSO_ACCOUNT, SSO_INSTANCE, USER};
use super::{PLAIN, act, one};

/// Of a role that the actor makes trust it.
const EDITED: Gain = Gain::Role { trusting: false, empowered: true, unbounded: false };
/// Of a role that trusts the actor already.
const TRUSTING: Gain = Gain::Role { trusting: true, empowered: true, unbounded: false };

/// The actor raises itself.
pub(super) static OWN: &[Method] = &[
    Method {
        id: "iam-001",
        title: "writes a new default version of a policy in force on itself",
        asks: &[one("iam:CreatePolicyVersion", On::ActorPolicy)],
        needs: "a customer managed policy in force on the actor, with fewer than five versions",
        gain: Gain::Own(Actor::Any),
        source: "pathfinding.cloud, Rhino 1",
        ..PLAIN
    },
    Method {
        id: "rhino-02",
        title: "brings an older, stronger version of a policy in force on itself back",
        asks: &[one("iam:SetDefaultPolicyVersion", On::ActorPolicy)],
        needs: "an older version that allows more",
        gain: Gain::OwnVersion,
        source: "Rhino 2, Prowler, Cloudsplaining",
        ..PLAIN
    },
    Method {
        id: "iam-005",
        title: "puts an inline policy on its own role",
        asks: &[one("iam:PutRolePolicy", On::ActorRole)],
        gain: Gain::Own(Actor::Role),
        source: "pathfinding.cloud, Rhino 12, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-007",
        title: "puts an inline policy on its own user",
        asks: &[one("iam:PutUserPolicy", On::ActorUser)],
        gain: Gain::Own(Actor::User),
        source: "pathfinding.cloud, Rhino 10, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-008",
        title: "attaches a managed policy to its own user",
        asks: &[one("iam:AttachUserPolicy", On::ActorUser)],
        gain: Gain::Own(Actor::User),
        source: "pathfinding.cloud, Rhino 7, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-009",
        title: "attaches a managed policy to its own role",
        asks: &[one("iam:AttachRolePolicy", On::ActorRole)],
        gain: Gain::Own(Actor::Role),
        source: "pathfinding.cloud, Rhino 9, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-010",
        title: "attaches a managed policy to a group it is in",
        asks: &[one("iam:AttachGroupPolicy", On::ActorGroup)],
        gain: Gain::Own(Actor::User),
        source: "pathfinding.cloud, Rhino 8, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-011",
        title: "puts an inline policy on a group it is in",
        asks: &[one("iam:PutGroupPolicy", On::ActorGroup)],
        gain: Gain::Own(Actor::User),
        source: "pathfinding.cloud, Rhino 11, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-013",
        title: "joins a stronger group",
        asks: &[one("iam:AddUserToGroup", On::Target)],
        needs: "a group that allows more",
        gain: Gain::Group,
        source: "pathfinding.cloud, Rhino 13",
        ..PLAIN
    },
    Method {
        id: "iam-022",
        title: "takes the boundary off its own user, or puts a wider one on",
        asks: &[Ask::Any(&[
            act("iam:DeleteUserPermissionsBoundary", On::ActorUser),
            act("iam:PutUserPermissionsBoundary", On::ActorUser),
        ])],
        needs: "a boundary that holds the actor back",
        gain: Gain::OwnBoundary(Actor::User),
        source: "pathfinding.cloud, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "htc-del-deny",
        title: "takes off the policy that denies it something",
        asks: &[Ask::Any(&[
            act("iam:DetachUserPolicy", On::ActorUser),
            act("iam:DetachRolePolicy", On::ActorRole),
            act("iam:DetachGroupPolicy", On::ActorGroup),
            act("iam:DeleteUserPolicy", On::ActorUser),
            act("iam:DeleteRolePolicy", On::ActorRole),
            act("iam:DeleteGroupPolicy", On::ActorGroup),
            act("iam:RemoveUserFromGroup", On::ActorGroup),
        ])],
        needs: "a policy with a denial in force on the actor",
        gain: Gain::OwnDeny,
        source: "HackingTheCloud; the ways by a group are ours",
        ..PLAIN
    },
];

/// The actor becomes somebody else.
pub(super) static OTHERS: &[Method] = &[
    Method {
        id: "iam-023",
        title: "takes the boundary off a role it may assume, or puts a wider one on",
        asks: &[
            Ask::Any(&[
                act("iam:DeleteRolePermissionsBoundary", On::Target),
                act("iam:PutRolePermissionsBoundary", On::Target),
            ]),
            one("sts:AssumeRole", On::Target),
        ],
        needs: "a role held back by its boundary; the actor may be that role, and need not assume it then",
        gain: Gain::Role { trusting: true, empowered: false, unbounded: true },
        source: "pathfinding.cloud, HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "iam-002",
        title: "makes an access key of another user",
        asks: &[one("iam:CreateAccessKey", On::Target)],
        needs: "a user with fewer than two access keys",
        gain: Gain::User(UserNeeds::RoomForKey),
        source: "pathfinding.cloud, Rhino 4, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-003",
        title: "replaces an access key of another user",
        asks: &[one("iam:CreateAccessKey", On::Target), one("iam:DeleteAccessKey", On::Target)],
        needs: "a user with two access keys",
        gain: Gain::User(UserNeeds::FullKeys),
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-004",
        title: "sets a first password of another user",
        asks: &[one("iam:CreateLoginProfile", On::Target)],
        needs: "a user without a password",
        gain: Gain::User(UserNeeds::NoPassword),
        source: "pathfinding.cloud, Rhino 5, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-006",
        title: "changes the password of another user",
        asks: &[one("iam:UpdateLoginProfile", On::Target)],
        needs: "a user with a password and without a second factor",
        gain: Gain::User(UserNeeds::Password),
        source: "pathfinding.cloud, Rhino 6, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-012",
        title: "rewrites the trust policy of a role so that it names the actor",
        asks: &[one("iam:UpdateAssumeRolePolicy", On::Target)],
        needs: "a role that is neither service-linked nor of Identity Center",
        gain: Gain::Role { trusting: false, empowered: false, unbounded: false },
        source: "pathfinding.cloud, Rhino 14, PMapper",
        ..PLAIN
    },
    Method {
        id: "iam-014",
        title: "attaches a managed policy to a role it may assume",
        asks: &[one("iam:AttachRolePolicy", On::Target), one("sts:AssumeRole", On::Target)],
        needs: "a role that trusts the actor",
        gain: TRUSTING,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-015",
        title: "attaches a managed policy to a user and makes an access key of it",
        asks: &[one("iam:AttachUserPolicy", On::Target), one("iam:CreateAccessKey", On::Target)],
        needs: "a user with fewer than two access keys",
        gain: Gain::User(UserNeeds::RoomForKeyEmpowered),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-016",
        title: "writes a new version of a policy of a role it may assume",
        asks: &[
            one("iam:CreatePolicyVersion", On::TargetPolicy),
            one("sts:AssumeRole", On::Target),
        ],
        needs: "a role with a customer managed policy that trusts the actor",
        gain: TRUSTING,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-017",
        title: "puts an inline policy on a role it may assume",
        asks: &[one("iam:PutRolePolicy", On::Target), one("sts:AssumeRole", On::Target)],
        needs: "a role that trusts the actor",
        gain: TRUSTING,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-018",
        title: "puts an inline policy on a user and makes an access key of it",
        asks: &[one("iam:PutUserPolicy", On::Target), one("iam:CreateAccessKey", On::Target)],
        needs: "a user with fewer than two access keys",
        gain: Gain::User(UserNeeds::RoomForKeyEmpowered),
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-019",
        title: "attaches a managed policy to a role and rewrites its trust policy",
        asks: &[
            one("iam:AttachRolePolicy", On::Target),
            one("iam:UpdateAssumeRolePolicy", On::Target),
        ],
        needs: "a role that is neither service-linked nor of Identity Center",
        gain: EDITED,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-020",
        title: "writes a new version of a policy of a role and rewrites the role's trust policy",
        asks: &[
            one("iam:CreatePolicyVersion", On::TargetPolicy),
            one("iam:UpdateAssumeRolePolicy", On::Target),
        ],
        needs: "a role with a customer managed policy",
        gain: EDITED,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "iam-021",
        title: "puts an inline policy on a role and rewrites its trust policy",
        asks: &[
            one("iam:PutRolePolicy", On::Target),
            one("iam:UpdateAssumeRolePolicy", On::Target),
        ],
        needs: "a role that is neither service-linked nor of Identity Center",
        gain: EDITED,
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "pmapper-create-role",
        title: "makes a role that trusts it and gives it a policy",
        asks: &[
            one("iam:CreateRole", On::Any(ROLE)),
            Ask::Any(&[
                act("iam:AttachRolePolicy", On::Any(ROLE)),
                act("iam:PutRolePolicy", On::Any(ROLE)),
            ]),
        ],
        gain: Gain::New,
        source: "PMapper",
        ..PLAIN
    },
    Method {
        id: "ours-create-user",
        title: "makes a user with credentials and gives it a policy or a strong group",
        asks: &[
            one("iam:CreateUser", On::Any(USER)),
            Ask::Any(&[
                act("iam:CreateAccessKey", On::Any(USER)),
                act("iam:CreateLoginProfile", On::Any(USER)),
            ]),
            Ask::Any(&[
                act("iam:AttachUserPolicy", On::Any(USER)),
                act("iam:PutUserPolicy", On::Any(USER)),
                act("iam:AddUserToGroup", On::AdminGroup),
            ]),
        ],
        gain: Gain::New,
        source: "ours, composed of iam-015 and iam-018",
        ..PLAIN
    },
    Method {
        id: "sts-001",
        title: "assumes a role",
        asks: &[one("sts:AssumeRole", On::Target)],
        needs: "a role that trusts the actor",
        gain: Gain::Role { trusting: true, empowered: false, unbounded: false },
        source: "pathfinding.cloud, PMapper",
        ..PLAIN
    },
    Method {
        id: "sso-001",
        title: "makes a permission set and assigns it to itself",
        asks: &[
            one("sso:CreatePermissionSet", On::Any(SSO_INSTANCE)),
            one("sso:AttachManagedPolicyToPermissionSet", On::Any(PERMISSION_SET)),
            one("sso:CreateAccountAssignment", On::Any(SSO_ACCOUNT)),
        ],
        needs: "an actor that is a user of Identity Center, in the account that administers it",
        unseen: true,
        gain: Gain::PermissionSet { assigned: false },
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "sso-002",
        title: "attaches a managed policy to the permission set it works under",
        asks: &[one("sso:AttachManagedPolicyToPermissionSet", On::Any(PERMISSION_SET))],
        needs: "an actor that works under a permission set, in the account that administers Identity Center; \
                sso:ProvisionPermissionSet where assignments exist already",
        gain: Gain::PermissionSet { assigned: true },
        source: "pathfinding.cloud",
        ..PLAIN
    },
    Method {
        id: "sso-003",
        title: "puts an inline policy on the permission set it works under",
        asks: &[one("sso:PutInlinePolicyToPermissionSet", On::Any(PERMISSION_SET))],
        needs: "an actor that works under a permission set, in the account that administers Identity Center; \
                sso:ProvisionPermissionSet where assignments exist already",
        gain: Gain::PermissionSet { assigned: true },
        source: "pathfinding.cloud",
        ..PLAIN
    },
];
