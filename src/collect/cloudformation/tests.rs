//! Templates with known answers.

use super::*;
use crate::model::change::{Action, Joint, Whole};
use serde_json::json;

fn input(text: &str) -> Input {
    Input {
        name: Some("web".to_owned()),
        account: Some(AccountId::new("111122223333").unwrap()),
        region: Some(Region::new("eu-west-1").unwrap()),
        ..Input::new(SourceFile::new("web.yaml", text))
    }
}

fn read_one(text: &str) -> Read {
    read(&[input(text)], &Options::default()).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}

/// A field of a resource after the change.
fn field(read: &Read, kind: &str, id: &str, path: &str) -> Tree<'static> {
    let drafts = read.changes.after.drafts();
    let found = drafts.iter().find(|draft| draft.kind.name == kind && draft.id == id);
    let found = found.unwrap_or_else(|| {
        let all: Vec<_> = drafts.iter().map(|draft| (draft.kind.name, &draft.id)).collect();
        panic!("no {kind} {id} among {all:?}")
    });
    found.fields.at(path).into_owned()
}

fn json_of(tree: &Tree<'_>) -> Value {
    serde_json::to_value(tree).unwrap()
}

#[test]
fn a_new_group_has_the_outgoing_rule_of_aws_and_rules_stated_apart_are_parts() {
    let read = read_one(
        "Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: '22', ToPort: '22', SourceSecurityGroupId: !GetAtt Other.GroupId}
  Other:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: other
      VpcId: !Ref Vpc
      SecurityGroupEgress: [{IpProtocol: '-1', CidrIp: 10.0.0.0/8}]
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Other, IpProtocol: udp, FromPort: 53, ToPort: 53, CidrIp: 10.1.0.0/16}
",
    );
    let kind = "aws.ec2.security_group";
    let group = "planned:web.Group";
    assert_eq!(field(&read, kind, group, "vpc_id").as_str(), Some("planned:web.Vpc"));
    let ingress = field(&read, kind, group, "ingress");
    assert_eq!(ingress.items().len(), 2, "{ingress:?}");
    assert_eq!(ingress.items()[0].at("cidr").as_str(), Some("0.0.0.0/0"));
    assert_eq!(ingress.items()[1].at("group_id").as_str(), Some("planned:web.Other"));
    let egress = field(&read, kind, group, "egress");
    assert_eq!(egress.items()[0].at("cidr").as_str(), Some("0.0.0.0/0"));
    assert_eq!(egress.items()[0].at("protocol").as_str(), Some("-1"));
    let other = field(&read, kind, "planned:web.Other", "egress");
    assert_eq!(other.items()[0].at("cidr").as_str(), Some("10.0.0.0/8"));
    let parts = &read.changes.after.parts;
    let part = parts.iter().find(|part| part.field == "ingress").unwrap();
    assert_eq!(part.whole, Whole::Id("planned:web.Other".to_owned()));
    assert_eq!(part.joint, Joint::Element);
    assert_eq!(part.value.at("protocol").as_str(), Some("udp"));
    // What comes with the VPC.
    let default = "planned:web.Vpc/default_security_group_id";
    assert_eq!(field(&read, kind, default, "group_name").as_str(), Some("default"));
    assert!(read.changes.reading.relations.left.is_empty(), "{:?}", read.changes.reading);
    assert_eq!(read.changes.reading.relations.resolved, 4);
    let block = &read.blocks["web/Group"];
    assert_eq!((block.first, block.last), (3, 10));
}

#[test]
fn buckets_state_their_lists_and_settings() {
    let read = read_one(
        "Resources:
  Open: {Type: AWS::S3::Bucket, Properties: {BucketName: open, AccessControl: PublicRead}}
  Shut:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shut
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      VersioningConfiguration: {Status: Enabled}
      LoggingConfiguration: {DestinationBucketName: logs}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: k}
            BucketKeyEnabled: true
",
    );
    let grants = field(&read, "aws.s3.bucket", "open", "acl_grants");
    assert!(grants.items()[1].at("grantee_uri").as_str().unwrap().ends_with("/AllUsers"));
    assert!(field(&read, "aws.s3.bucket", "open", "public_access_block").is_null());
    let grants = field(&read, "aws.s3.bucket", "shut", "acl_grants");
    assert_eq!(grants.items().len(), 1);
    let part = |field: &str| {
        let found = read.changes.after.parts.iter().find(|part| part.field == field).unwrap();
        assert_eq!(found.whole, Whole::Id("shut".to_owned()));
        json_of(&found.value)
    };
    assert_eq!(part("object_ownership"), json!("ObjectWriter"));
    assert_eq!(part("versioning_status"), json!("Enabled"));
    assert_eq!(part("logging"), json!({"target_bucket": "logs", "target_prefix": null}));
    let encryption =
        json!({"sse_algorithm": "aws:kms", "kms_master_key_id": "k", "bucket_key_enabled": true});
    assert_eq!(part("encryption"), encryption);
}

#[test]
fn functions_are_evaluated_as_far_as_it_goes() {
    let text = "
Parameters:
  Env: {Type: String, Default: prod}
  Cidr: {Type: String}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}
Mappings:
  Sizes:
    prod: {Size: t3.large}
    test: {Size: t3.micro}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  HasCidr: !Not [!Equals [!Ref Cidr, '']]
  Neither: !And [!Condition HasCidr, !Not [!Condition IsProd]]
Resources:
  I:
    Type: AWS::EC2::Instance
    Properties:
      InstanceType: !FindInMap [Sizes, !Ref Env, Size]
      ImageId: !Ref Image
      KeyName: !If [IsProd, !Ref AWS::NoValue, dev]
      SubnetId: !If [HasCidr, subnet-1, subnet-1]
      SecurityGroupIds: [sg-1, !If [HasCidr, sg-2, !Ref AWS::NoValue]]
      Monitoring: !If [HasCidr, true, false]
      EbsOptimized: !If [Neither, true, false]
      Tags:
        - {Key: Name, Value: !Sub '${Env}-${AWS::Region}-${!x}'}
        - {Key: Zone, Value: !Select [1, !Ref Zones]}
        - {Key: Join, Value: !Join ['.', [!Select [0, !Split ['-', a-b]], 1]]}
        - {Key: Net, Value: !Select [2, !Cidr [10.0.0.0/16, 4, 8]]}
      UserData: !Base64 'echo hi'
  Gone: {Type: AWS::EC2::VPC, Condition: Neither, Properties: {CidrBlock: 10.0.0.0/16}}
  Perhaps: {Type: AWS::EC2::VPC, Condition: HasCidr, Properties: {CidrBlock: !Ref Cidr}}
  Db: {Type: AWS::RDS::DBInstance, Properties: {Engine: !Ref Password}}
";
    let read = read_one(text);
    let of = |path: &str| field(&read, "aws.ec2.instance", "planned:web.I", path);
    assert_eq!(of("instance_type").as_str(), Some("t3.large"));
    assert!(of("image_id").is_unknown());
    assert!(of("key_name").is_null());
    assert_eq!(of("subnet_id").as_str(), Some("subnet-1"));
    assert!(of("security_group_ids").is_unknown(), "{:?}", of("security_group_ids"));
    assert!(of("monitoring").is_unknown());
    assert_eq!(of("ebs_optimized").as_bool(), Some(false));
    assert!(of("user_data_sha256").as_str().is_some());
    let drafts = read.changes.after.drafts();
    let draft = drafts.iter().find(|draft| draft.kind.name == "aws.ec2.instance").unwrap();
    let tags = draft.tags.known().unwrap();
    assert_eq!(tags["Name"], "prod-eu-west-1-${x}");
    assert_eq!((&*tags["Zone"], &*tags["Join"], &*tags["Net"]), ("b", "a.1", "10.0.2.0/24"));
    let change = |id: &str| read.changes.changes.iter().find(|change| change.address.ends_with(id));
    assert!(change("/Gone").is_none());
    let why = change("/Perhaps").unwrap().uncertain.clone().unwrap();
    assert!(why.to_string().contains("HasCidr") && why.to_string().contains("Cidr"), "{why}");
    // What is not to be shown is nowhere in what was read.
    assert!(!format!("{:?}", read.changes).contains("hunter2"));
    // Given, it decides.
    let mut given = input(text);
    given.parameters.insert("Cidr".to_owned(), Tree::text(""));
    let read = super::read(&[given], &Options::default()).unwrap();
    assert!(!read.changes.changes.iter().any(|change| change.address.ends_with("/Perhaps")));
}

#[test]
fn policies_keep_what_is_known_of_them() {
    let read = read_one(
        "
Parameters: {Bucket: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: !Sub 'ec2.${AWS::URLSuffix}'}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess']
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {Effect: Allow, Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${Bucket}/*'}
              - {Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Queue.Arn}
  Queue: {Type: AWS::SQS::Queue}
  Apart:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: apart
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
",
    );
    let role = "planned:web.Role";
    let of = |path: &str| field(&read, "aws.iam.role", role, path);
    let trust = of("assume_role_policy_document.statements");
    let trust = json_of(&trust.items()[0]);
    assert_eq!(trust["principals"][0]["value"], json!("ec2.amazonaws.com"), "{trust}");
    let statements = of("inline_policies[].document");
    let statements = statements.items()[0].at("statements").into_owned();
    let [first, second] = statements.items() else { panic!("{statements:?}") };
    assert!(first.at("resources").is_unknown());
    assert_eq!(json_of(&first.at("actions")), json!(["s3:*"]));
    let arn = "arn:aws:sqs:eu-west-1:111122223333:planned:web.Queue";
    assert_eq!(json_of(&second.at("resources")), json!([arn]));
    assert_eq!(
        json_of(&of("attached_policy_arns")),
        json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    );
    let parts = &read.changes.after.parts;
    let apart = parts.iter().find(|part| part.field == "inline_policies").unwrap();
    assert_eq!(apart.whole, Whole::Id(role.to_owned()));
    assert_eq!(apart.value.at("policy_name").as_str(), Some("apart"));
    let profile = field(&read, "aws.iam.instance_profile", "planned:web.Profile", "role_names");
    assert_eq!(json_of(&profile), json!([role]));
}

#[test]
fn stacks_import_from_each_other_and_nest() {
    let network = "
Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}
Outputs: {Vpc: {Value: !Ref Vpc, Export: {Name: !Sub '${AWS::StackName}-Vpc'}}}
";
    let app = "
Parameters: {Parent: {Type: String, Default: network}}
Resources:
  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: {'Fn::ImportValue': !Sub '${Parent}-Vpc'}}}
  H: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: h, VpcId: !ImportValue elsewhere}}
  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://b/n.yaml', Parameters: {Group: !Ref G, Ports: [1, 2]}}}
  M: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://b/m.yaml'}}
  R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt N.Outputs.Own, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 0.0.0.0/0}}
";
    let nested = "
Parameters: {Group: {Type: String}, Ports: {Type: CommaDelimitedList}}
Resources:
  Own:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: own
      VpcId: vpc-1
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: !Select [1, !Ref Ports], ToPort: 2, SourceSecurityGroupId: !Ref Group}]
Outputs: {Own: {Value: !Ref Own}}
";
    let named = |name: &str, text: &str| Input { name: Some(name.to_owned()), ..input(text) };
    let options = Options {
        nested: BTreeMap::from([("n.yaml".to_owned(), SourceFile::new("n.yaml", nested))]),
        ..Options::default()
    };
    let read = read(&[named("app", app), named("network", network)], &options).unwrap();
    let kind = "aws.ec2.security_group";
    assert_eq!(field(&read, kind, "planned:app.G", "vpc_id").as_str(), Some("planned:network.Vpc"));
    let left = field(&read, kind, "planned:app.H", "vpc_id");
    assert!(
        matches!(&left, Tree::Unknown(cause) if cause.to_string().contains("elsewhere")),
        "{left:?}"
    );
    let rules = field(&read, kind, "planned:app.N.Own", "ingress");
    assert_eq!(rules.items()[0].at("group_id").as_str(), Some("planned:app.G"));
    assert_eq!(json_of(&rules.items()[0].at("ports"))["from"], json!(2));
    let part = read.changes.after.parts.iter().find(|part| part.field == "ingress").unwrap();
    assert_eq!(part.whole, Whole::Id("planned:app.N.Own".to_owned()));
    assert_eq!(read.changes.incomplete, ["the template of the nested stack app/M was not given"]);
    let options = Options {
        exports: BTreeMap::from([("elsewhere".to_owned(), Tree::text("vpc-9"))]),
        ..options
    };
    let read = super::read(&[named("app", app)], &options).unwrap();
    assert_eq!(field(&read, kind, "planned:app.H", "vpc_id").as_str(), Some("vpc-9"));
}

#[test]
fn sam_is_written_out() {
    let read = read_one(
        "
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Environment: {Variables: {A: x}}}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Environment: {Variables: {B: y}}
      Policies:
        - AmazonS3ReadOnlyAccess
        - Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]
        - S3ReadPolicy: {BucketName: b}
      FunctionUrlConfig: {AuthType: NONE}
      Events: {Api: {Type: Api, Properties: {Path: /, Method: get}}}
  Table: {Type: AWS::Serverless::SimpleTable}
",
    );
    let role = |path: &str| field(&read, "aws.iam.role", "planned:web.FnRole", path);
    let arns = json_of(&role("attached_policy_arns"));
    assert_eq!(arns[0], json!("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
    assert_eq!(arns[1], json!("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"));
    let policies = role("inline_policies");
    assert_eq!(policies.items().len(), 2, "{policies:?}");
    assert!(policies.items()[1].at("document.statements").items().iter().all(Tree::is_unknown));
    let reading = &read.changes.reading;
    assert_eq!(reading.unmapped.get("AWS::DynamoDB::Table"), Some(&1), "{reading:?}");
    assert!(read.changes.changes.iter().any(|change| &*change.address == "web/FnApiPermission"));
    assert!(read.changes.incomplete.is_empty(), "{:?}", read.changes.incomplete);
}

#[test]
fn loops_are_unrolled_and_macros_named() {
    let read = read_one(
        "
Transform: [AWS::LanguageExtensions, Mine]
Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b-c'}}
Resources:
  'Fn::ForEach::Topics':
    - Name
    - !Ref Names
    - 'Topic&{Name}': {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub '${Name}-x', DisplayName: !Ref Name}}
",
    );
    let addresses: Vec<_> = read.changes.changes.iter().map(|change| &*change.address).collect();
    assert_eq!(addresses, ["web/Topica", "web/Topicbc"]);
    assert_eq!(read.changes.incomplete, ["web: the macro Mine makes another template of it"]);
}

#[test]
fn what_exists_keeps_its_ids_and_what_goes_is_said() {
    let before = "Resources:
  A: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: a, VpcId: vpc-1}}
  B: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: b, VpcId: vpc-1}}
  C: {Type: AWS::EC2::SecurityGroup, DeletionPolicy: Retain, Properties: {GroupDescription: c, VpcId: vpc-1}}
";
    let after = "Resources:
  A:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a
      VpcId: vpc-1
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
  D: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d, VpcId: vpc-1}}
";
    let listed = |id: &str, physical: &str| json!({"LogicalResourceId": id, "PhysicalResourceId": physical, "ResourceType": "AWS::EC2::SecurityGroup"});
    let state =
        json!({"StackResources": [listed("A", "sg-a"), listed("B", "sg-b"), listed("C", "sg-c")]});
    let actions = |read: &Read| -> Vec<(String, Action)> {
        read.changes.changes.iter().map(|c| (c.address.to_string(), c.action)).collect()
    };
    for previous in [None, Some(SourceFile::new("before.yaml", before))] {
        let has_previous = previous.is_some();
        let read = read(
            &[Input { state: vec![state.clone()], previous, ..input(after) }],
            &Options::default(),
        )
        .unwrap();
        let forgotten = if has_previous { Action::Forget } else { Action::Delete };
        assert_eq!(
            actions(&read),
            [
                ("web/A".to_owned(), Action::Update),
                ("web/D".to_owned(), Action::Create),
                ("web/B".to_owned(), Action::Delete),
                ("web/C".to_owned(), forgotten),
            ]
        );
        let ids: Vec<&str> = read.changes.before.drafts().iter().map(|draft| &*draft.id).collect();
        assert_eq!(ids, ["sg-a", "sg-b", "sg-c"]);
        assert_eq!(field(&read, "aws.ec2.security_group", "sg-a", "ingress").items().len(), 1);
        let after: Vec<&str> = read.changes.after.drafts().iter().map(|draft| &*draft.id).collect();
        assert_eq!(after.contains(&"sg-c"), has_previous, "{after:?}");
    }
    // Without ids, templates are compared by the names in them.
    let same = Input { previous: Some(SourceFile::new("before.yaml", before)), ..input(before) };
    let read = read(&[same], &Options::default()).unwrap();
    assert!(
        actions(&read).iter().all(|(_, action)| *action == Action::NoOp),
        "{:?}",
        actions(&read)
    );
    assert_eq!(read.changes.before.drafts().len(), 3);
}

#[test]
fn hostile_templates_end() {
    let circle = "Conditions: {A: !Not [!Condition A]}
Resources:
  R: {Type: AWS::IAM::Role, Condition: A, Properties: {RoleName: !Ref R, Path: !GetAtt S.Arn, AssumeRolePolicyDocument: {}}}
  S: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${R}', Path: !GetAtt R.Arn, AssumeRolePolicyDocument: {}}}
Outputs: {O: {Value: !ImportValue x, Export: {Name: x}}, P: {Value: !Ref Nobody}}
";
    read_one(circle);
    // Each condition asks the next one twice.
    let mut text = "Conditions:\n".to_owned();
    for at in 0..200 {
        text += &format!("  C{at}: !Or [!Condition C{0}, !Condition C{0}]\n", at + 1);
    }
    text += "  C200: !Equals [a, b]\nResources:\n  R: {Type: AWS::EC2::VPC, Condition: C0}\n";
    read_one(&text);
    for wrong in ["", "a: 1", "Resources: 3", "Resources: {A: 1, A: 2}", "[]", "{\"Resources\": [}"]
    {
        let error = read(&[input(wrong)], &Options::default()).unwrap_err();
        assert!(matches!(error, ReadError::Template { .. }), "{wrong}");
    }
    read_one("Resources: {A: 3, B: {Type: AWS::EC2::VPC, Properties: []}, C: {Type: [x]}}");
}

#[test]
fn what_is_stated_within_a_resource_gets_where_the_model_has_it() {
    let read = read_one(
        "
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: logs
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt K.Arn}
  K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]}}}
  P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref B, PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:*', Resource: !Sub '${B.Arn}/*'}]}}}
  Q: {Type: AWS::SQS::Queue}
  R: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Q], PolicyDocument: {Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: !GetAtt Q.Arn}]}}}
  L:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internal
      Subnets: [subnet-1, subnet-2]
      SecurityGroups: [sg-1]
      LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: '30'}]
  T: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 80, Protocol: HTTP, VpcId: vpc-1, Targets: [{Id: i-1}]}}
  H:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref L
      Port: 443
      Protocol: HTTPS
      SslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06
      Certificates: [{CertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1'}]
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref T}]
",
    );
    let parts = &read.changes.after.parts;
    let part = |field: &str| {
        let found = parts.iter().find(|part| part.field == field);
        found.unwrap_or_else(|| panic!("no {field} among {parts:?}"))
    };
    let encryption = part("encryption");
    assert_eq!(encryption.whole, Whole::Id("logs".to_owned()));
    assert_eq!(encryption.value.at("sse_algorithm").as_str(), Some("aws:kms"));
    let key = "arn:aws:kms:eu-west-1:111122223333:key/planned:web.K";
    assert_eq!(encryption.value.at("kms_master_key_id").as_str(), Some(key));
    assert_eq!(part("versioning_status").value.as_str(), Some("Enabled"));
    let block = json_of(&part("public_access_block").value);
    assert_eq!(
        (&block["block_public_acls"], &block["block_public_policy"]),
        (&json!(true), &json!(false))
    );
    let policies: Vec<_> = parts.iter().filter(|part| part.field == "policy_document").collect();
    assert_eq!(policies[0].whole, Whole::Id("logs".to_owned()));
    assert_eq!(
        json_of(&policies[0].value.at("statements").items()[0].at("resources")),
        json!(["arn:aws:s3:::logs/*"])
    );
    assert_eq!(policies[1].whole, Whole::Id("planned:web.Q".to_owned()));
    field(&read, "aws.sqs.queue", "planned:web.Q", "policy_document");
    let arn = |what: &str, id: &str| {
        format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:{what}/planned:web.{id}")
    };
    let balancer =
        |path: &str| field(&read, "aws.elbv2.load_balancer", &arn("loadbalancer", "L"), path);
    assert_eq!(balancer("scheme").as_str(), Some("internal"));
    assert_eq!(json_of(&balancer("subnet_ids")), json!(["subnet-1", "subnet-2"]));
    assert_eq!(balancer("idle_timeout_seconds").as_int(), Some(30));
    assert_eq!(balancer("drop_invalid_header_fields_enabled").as_bool(), Some(false));
    assert!(balancer("dns_name").is_unknown());
    let listener = |path: &str| field(&read, "aws.elbv2.listener", &arn("listener", "H"), path);
    assert_eq!(listener("load_balancer_arn").as_str(), Some(&*arn("loadbalancer", "L")));
    assert_eq!(json_of(&listener("target_group_arns")), json!([arn("targetgroup", "T")]));
    assert_eq!(listener("ssl_policy").as_str(), Some("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    assert_eq!(listener("certificate_arns").items().len(), 1);
    for draft in read.changes.after.drafts() {
        let made = (draft.kind.from_tree)(draft.fields.clone());
        assert!(made.is_ok(), "{}: {made:?}", draft.kind.name);
    }
}
