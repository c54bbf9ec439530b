//! Issuers of OIDC tokens, and the claims that say whose a token is.
//!
//! Sources: AWS IAM User Guide, "Identity-provider controls for shared OIDC providers"; the list of shared issuers in
//! aws-samples/data-perimeter-policy-examples; each issuer's own page on its claims. To add one, add a row: an issuer that
//! is missing here counts as one's own.

/// Who can get a token of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Anybody who signs up.
    Public,
    /// Whoever runs something in the cluster.
    Cluster,
    /// Everybody in one's own organization at the issuer, or everybody the own provider knows.
    Own,
}

/// How a claim names the tenant: text in front, the tenant, what closes it, and the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) prefix: &'static str,
    /// What closes the tenant; nothing where the tenant is all that follows.
    pub(super) end: Option<char>,
    /// Something of the tenant's, behind that: a project of no name anybody uses.
    pub(super) rest: &'static str,
}

/// A claim that says whose a token is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) name: &'static str,
    pub(super) forms: &'static [Form],
}

/// An issuer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issuer {
    /// Its name for people.
    pub(super) name: &'static str,
    /// Its address without scheme: all of it, or with a `*` at the end what it begins with.
    address: &'static str,
    pub(super) sharing: Sharing,
    /// The claims that name the tenant, `sub` first.
    pub(super) tenants: &'static [Claim],
    /// Claims whose values whoever gets the token chooses, such as the audience.
    pub(super) chosen: &'static [&'static str],
    /// What a claim on one project of one tenant looks like.
    pub(super) example: &'static str,
}

impl Form {
    /// The tenant that a value names.
    pub(super) fn tenant<'v>(&self, value: &'v str) -> Option<&'v str> {
        let rest = value.strip_prefix(self.prefix)?;
        let tenant = match self.end {
            Some(end) => rest.split_once(end)?.0,
            None => rest,
        };
        (!tenant.is_empty()).then_some(tenant)
    }

    /// The value for something of a tenant's.
    pub(super) fn of(&self, tenant: &str) -> String {
        let mut out = format!("{}{tenant}", self.prefix);
        if let Some(end) = self.end {
            out.push(end);
            out.push_str(self.rest);
        }
        out
    }
}

impl Claim {
    /// The tenant that a value names.
    pub(super) fn tenant<'v>(&self, value: &'v str) -> Option<&'v str> {
        self.forms.iter().find_map(|form| form.tenant(value))
    }
}

/// The issuer with an address.
pub(super) fn of(address: &str) -> &'static Issuer {
    let fits = |issuer: &&Issuer| match issuer.address.strip_suffix('*') {
        Some(prefix) => address.starts_with(prefix),
        None => issuer.address == address,
    };
    ISSUERS.iter().find(fits).unwrap_or(&UNLISTED)
}

const fn form(prefix: &'static str, end: char, rest: &'static str) -> Form {
    Form { prefix, end: Some(end), rest }
}

/// The whole value is the tenant.
const WHOLE: &[Form] = &[Form { prefix: "", end: None, rest: "" }];

/// A public issuer of which only `sub` names the tenant.
const fn public(
    name: &'static str,
    address: &'static str,
    tenants: &'static [Claim],
    example: &'static str,
) -> Issuer {
    Issuer { name, address, sharing: Sharing::Public, tenants, chosen: &["aud"], example }
}

/// An issuer that nobody listed: one's own.
static UNLISTED: Issuer = Issuer {
    name: "the identity provider",
    address: "",
    sharing: Sharing::Own,
    tenants: &[Claim { name: "sub", forms: WHOLE }],
    chosen: &["aud"],
    example: "the subject of the one client or user",
};

const GITHUB: &[Claim] = &[
    Claim {
        name: "sub",
        forms: &[
            form("repo:", '/', "unnamed:ref:refs/heads/main"),
            form("repository_owner:", ':', "repo:unnamed"),
            form("repository_owner_id:", ':', "repo:unnamed"),
            form("repository:", '/', "unnamed:ref:refs/heads/main"),
            form("job_workflow_ref:", '/', "unnamed/.github/workflows/x.yml@refs/heads/main"),
            form("enterprise:", ':', "repo:unnamed"),
        ],
    },
    Claim { name: "repository", forms: &[form("", '/', "unnamed")] },
    Claim { name: "repository_owner", forms: WHOLE },
    Claim { name: "repository_owner_id", forms: WHOLE },
    Claim { name: "repository_id", forms: WHOLE },
    Claim { name: "enterprise", forms: WHOLE },
    Claim { name: "enterprise_id", forms: WHOLE },
    Claim {
        name: "job_workflow_ref",
        forms: &[form("", '/', "unnamed/.github/workflows/x.yml@refs/heads/main")],
    },
    Claim {
        name: "workflow_ref",
        forms: &[form("", '/', "unnamed/.github/workflows/x.yml@refs/heads/main")],
    },
    Claim { name: "actor", forms: WHOLE },
    Claim { name: "actor_id", forms: WHOLE },
];

const GITHUB_CHOSEN: &[&str] = &[
    "aud",
    "base_ref",
    "environment",
    "event_name",
    "head_ref",
    "ref",
    "ref_protected",
    "ref_type",
    "repository_visibility",
    "runner_environment",
    "workflow",
];

const GITHUB_EXAMPLE: &str = "repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main";

static ISSUERS: &[Issuer] = &[
    Issuer {
        name: "GitHub Actions",
        address: "token.actions.githubusercontent.com",
        sharing: Sharing::Public,
        tenants: GITHUB,
        chosen: GITHUB_CHOSEN,
        example: GITHUB_EXAMPLE,
    },
    Issuer {
        name: "GitHub Actions of one enterprise",
        address: "token.actions.githubusercontent.com/*",
        sharing: Sharing::Own,
        tenants: GITHUB,
        chosen: GITHUB_CHOSEN,
        example: GITHUB_EXAMPLE,
    },
    public(
        "GitHub audit log streaming",
        "oidc-configuration.audit-log.githubusercontent.com",
        &[Claim {
            name: "sub",
            forms: &[Form { prefix: "https://github.com/", end: None, rest: "" }],
        }],
        "https://github.com/ENTERPRISE",
    ),
    Issuer {
        name: "GitLab",
        address: "gitlab.com",
        sharing: Sharing::Public,
        tenants: &[
            Claim {
                name: "sub",
                forms: &[
                    form("project_path:", '/', "unnamed:ref_type:branch:ref:main"),
                    form("project_id:", ':', "ref_type:branch:ref:main"),
                    form("namespace_path:", ':', "ref_type:branch:ref:main"),
                ],
            },
            Claim { name: "namespace_path", forms: WHOLE },
            Claim { name: "namespace_id", forms: WHOLE },
            Claim { name: "project_path", forms: &[form("", '/', "unnamed")] },
            Claim { name: "project_id", forms: WHOLE },
        ],
        chosen: &["aud", "environment", "ref", "ref_protected", "ref_type", "pipeline_source"],
        example: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
    },
    public(
        "HCP Terraform",
        "app.terraform.io",
        &[Claim {
            name: "sub",
            forms: &[form(
                "organization:",
                ':',
                "project:unnamed:workspace:unnamed:run_phase:apply",
            )],
        }],
        "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:apply",
    ),
    public(
        "Buildkite",
        "agent.buildkite.com",
        &[
            Claim {
                name: "sub",
                forms: &[form("organization:", ':', "pipeline:unnamed:ref:refs/heads/main")],
            },
            Claim { name: "organization_slug", forms: WHOLE },
            Claim { name: "organization_id", forms: WHOLE },
        ],
        "organization:ORGANIZATION:pipeline:PIPELINE:ref:refs/heads/main:*",
    ),
    public(
        "Pulumi Cloud",
        "api.pulumi.com/oidc",
        &[Claim {
            name: "sub",
            forms: &[
                form("pulumi:deploy:org:", ':', "project:unnamed:stack:unnamed"),
                form("pulumi:environments:org:", ':', "env:unnamed"),
            ],
        }],
        "pulumi:deploy:org:ORGANIZATION:project:PROJECT:stack:STACK:*",
    ),
    public(
        "Codefresh",
        "oidc.codefresh.io",
        &[
            Claim { name: "sub", forms: &[form("account:", ':', "pipeline:unnamed")] },
            Claim { name: "account_id", forms: WHOLE },
        ],
        "account:ACCOUNT:pipeline:PIPELINE:*",
    ),
    public(
        "Scalr",
        "scalr.io",
        &[Claim { name: "sub", forms: &[form("account:", ':', "environment:unnamed")] }],
        "account:ACCOUNT:environment:ENVIRONMENT:workspace:WORKSPACE",
    ),
    public(
        "Vercel",
        "oidc.vercel.com",
        &[Claim {
            name: "sub",
            forms: &[form("owner:", ':', "project:unnamed:environment:production")],
        }],
        "owner:TEAM:project:PROJECT:environment:production",
    ),
    // Each organization or workspace has an issuer of its own.
    Issuer {
        name: "CircleCI",
        address: "oidc.circleci.com/org/*",
        sharing: Sharing::Own,
        tenants: &[Claim {
            name: "sub",
            forms: &[form("org/", '/', "project/unnamed/user/unnamed")],
        }],
        chosen: &["aud"],
        example: "org/ORGANIZATION/project/PROJECT/user/*",
    },
    Issuer {
        name: "Bitbucket Pipelines",
        address: "api.bitbucket.org/2.0/workspaces/*",
        sharing: Sharing::Own,
        tenants: &[Claim { name: "sub", forms: WHOLE }],
        chosen: &["aud"],
        example: "{REPOSITORY}:{DEPLOYMENT}:*",
    },
    Issuer {
        name: "Amazon EKS",
        address: "oidc.eks.*",
        sharing: Sharing::Cluster,
        tenants: &[Claim { name: "sub", forms: &[form("system:serviceaccount:", ':', "unnamed")] }],
        chosen: &["aud"],
        example: "system:serviceaccount:NAMESPACE:SERVICE-ACCOUNT",
    },
    // These issue tokens to applications of everybody: the audience is the application.
    by_application("Google", "accounts.google.com"),
    by_application("Login with Amazon", "www.amazon.com"),
    by_application("Facebook", "graph.facebook.com"),
];

const fn by_application(name: &'static str, address: &'static str) -> Issuer {
    Issuer {
        name,
        address,
        sharing: Sharing::Public,
        tenants: &[
            Claim { name: "sub", forms: WHOLE },
            Claim { name: "aud", forms: WHOLE },
            Claim { name: "oaud", forms: WHOLE },
            Claim { name: "azp", forms: WHOLE },
            Claim { name: "app_id", forms: WHOLE },
            Claim { name: "user_id", forms: WHOLE },
            Claim { name: "id", forms: WHOLE },
        ],
        chosen: &[],
        example: "the id of the one application, in the claim for the audience",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_find_their_issuer() {
        for (address, name, sharing) in [
            ("token.actions.githubusercontent.com", "GitHub Actions", Sharing::Public),
            (
                "token.actions.githubusercontent.com/acme",
                "GitHub Actions of one enterprise",
                Sharing::Own,
            ),
            ("gitlab.com", "GitLab", Sharing::Public),
            ("gitlab.acme.example", "the identity provider", Sharing::Own),
            ("oidc.eks.eu-west-1.amazonaws.com/id/ABC", "Amazon EKS", Sharing::Cluster),
            ("oidc.circleci.com/org/1", "CircleCI", Sharing::Own),
            ("acme.eu.auth0.com", "the identity provider", Sharing::Own),
        ] {
            assert_eq!((of(address).name, of(address).sharing), (name, sharing), "{address}");
        }
    }

    #[test]
    fn what_a_form_writes_it_reads() {
        for issuer in ISSUERS.iter().chain([&UNLISTED]) {
            assert_eq!(issuer.tenants.first().unwrap().name, "sub", "{}", issuer.name);
            for claim in issuer.tenants {
                for form in claim.forms {
                    let value = form.of("acme");
                    assert_eq!(form.tenant(&value), Some("acme"), "{} {value}", issuer.name);
                }
            }
        }
        assert_eq!(GITHUB[0].tenant("repo:acme"), None);
        assert_eq!(GITHUB[0].tenant("repo:/x"), None);
    }
}
