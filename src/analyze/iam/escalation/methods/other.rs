//! Ways over identity providers, certificates, clusters, second factors and stored secrets.

use super::super::method::{Ask, Gain, Method, On};
use super::shapes::{
    ACCESS_ENTRY, AUTHORITY, EKS_CLUSTER, FEDERATED_USER, FUNCTION, HOSTED_ZONE, INSTANCE, MFA,
    OIDC_PROVIDER, PARAMETER, SECRET,
};
use super::{PLAIN, act, one, passed};

pub(super) static OTHER: &[Method] = &[
    Method {
        id: "htc-rogue-oidc",
        title: "registers an identity provider of its own and has a role trust it",
        asks: &[
            one("iam:CreateOpenIDConnectProvider", On::Any(OIDC_PROVIDER)),
            one("iam:UpdateAssumeRolePolicy", On::Target),
        ],
        needs: "a role that is neither service-linked nor of Identity Center",
        gain: Gain::Role { trusting: false, empowered: false, unbounded: false },
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "htc-roles-anywhere",
        title: "registers a certificate authority of its own and signs itself into a role",
        asks: &[
            one("rolesanywhere:CreateTrustAnchor", On::Star),
            one("rolesanywhere:CreateProfile", On::Star),
        ],
        gain: passed(&["rolesanywhere.amazonaws.com"]),
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "ours-saml",
        title: "replaces the keys of an identity provider that a role trusts",
        asks: &[one("iam:UpdateSAMLProvider", On::TargetProvider)],
        needs: "a role that trusts a SAML provider",
        gain: Gain::Role { trusting: false, empowered: false, unbounded: false },
        source: "ours",
        ..PLAIN
    },
    Method {
        id: "htc-r53-pca",
        title: "diverts calls to AWS within a VPC with names and certificates of its own",
        asks: &[
            one("route53:CreateHostedZone", On::Star),
            one("route53:ChangeResourceRecordSets", On::Any(HOSTED_ZONE)),
            one("acm-pca:IssueCertificate", On::Any(AUTHORITY)),
            one("acm-pca:GetCertificate", On::Any(AUTHORITY)),
        ],
        needs: "a private certificate authority that hosts in a VPC trust",
        unseen: true,
        gain: Gain::Elsewhere,
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "htc-getfederationtoken",
        title: "takes credentials that outlive its access key",
        asks: &[one("sts:GetFederationToken", On::Any(FEDERATED_USER))],
        needs: "an actor that is a user",
        gain: Gain::Persistence,
        source: "HackingTheCloud",
        ..PLAIN
    },
    Method {
        id: "ours-mfa",
        title: "registers a second factor of its own",
        asks: &[
            one("iam:CreateVirtualMFADevice", On::Any(MFA)),
            one("iam:EnableMFADevice", On::ActorUser),
        ],
        needs: "statements in force on the actor that ask for a second factor",
        gain: Gain::OwnMfa,
        source: "ours",
        ..PLAIN
    },
    Method {
        id: "ours-eks-access",
        title: "makes itself an administrator of a cluster, and so takes the roles of its pods and nodes",
        asks: &[
            one("eks:CreateAccessEntry", On::Any(EKS_CLUSTER)),
            one("eks:AssociateAccessPolicy", On::Any(ACCESS_ENTRY)),
        ],
        needs: "a cluster that takes access entries, with pods or nodes that have roles",
        unseen: true,
        gain: Gain::Elsewhere,
        source: "ours",
        ..PLAIN
    },
    Method {
        id: "ours-ec2-password",
        title: "reads the first password of a Windows instance",
        asks: &[one("ec2:GetPasswordData", On::Workload)],
        needs: "a Windows instance with a role, and the private key of its key pair",
        unseen: true,
        gain: Gain::Runs {
            kind: "aws.ec2.instance",
            shape: INSTANCE,
            services: &["ec2.amazonaws.com"],
        },
        source: "ours, after Cloudsplaining",
        ..PLAIN
    },
    Method {
        id: "ours-secret-read",
        title: "reads credentials that somebody stored",
        asks: &[Ask::Any(&[
            act("secretsmanager:GetSecretValue", On::Any(SECRET)),
            act("ssm:GetParameter", On::Any(PARAMETER)),
            act("ssm:GetParameters", On::Any(PARAMETER)),
            act("ssm:GetParametersByPath", On::Any(PARAMETER)),
            act("ssm:GetParameterHistory", On::Any(PARAMETER)),
            act("lambda:GetFunctionConfiguration", On::Any(FUNCTION)),
            act("ec2:DescribeInstanceAttribute", On::Any(INSTANCE)),
        ])],
        needs: "credentials of a stronger principal in the store",
        unseen: true,
        gain: Gain::Elsewhere,
        source: "ours",
        ..PLAIN
    },
];
