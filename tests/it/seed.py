"""Fills a moto server for the tests of the AWS collector: seed.py ENDPOINT PART, prints JSON about what it made."""

import base64
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

ENDPOINT, PART = sys.argv[1], sys.argv[2]
CONFIG = Config(max_pool_connections=16, retries={"max_attempts": 2})
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def client(service, region="us-east-1", **keys):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINT, config=CONFIG, **keys)


def each(function, items):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(function, items))


def bulk():
    """500 security groups, 100 instances, 200 roles and 50 VPCs."""
    ec2, iam = client("ec2"), client("iam")

    def vpc(number):
        made = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=made, CidrBlock=f"10.{number}.1.0/24")["Subnet"]["SubnetId"]
        return made, subnet

    vpcs = each(vpc, range(50))

    def group(number):
        made = ec2.create_security_group(
            GroupName=f"group-{number}", Description="seed", VpcId=vpcs[number % 50][0]
        )["GroupId"]
        port = 22 if number % 10 == 0 else 443
        source = "0.0.0.0/0" if number % 10 == 0 else "10.0.0.0/8"
        ec2.authorize_security_group_ingress(
            GroupId=made,
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}
            ],
        )
        return made

    groups = each(group, range(500))
    image = ec2.register_image(Name="base", RootDeviceName="/dev/sda1", Architecture="x86_64")["ImageId"]
    instances = ec2.run_instances(
        ImageId=image, MinCount=100, MaxCount=100, InstanceType="t3.micro", SubnetId=vpcs[0][1]
    )["Instances"]

    def role(number):
        name = f"role-{number}"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Description=f"seed {number}")
        action = "*" if number % 20 == 0 else "s3:GetObject"
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
        return name

    roles = each(role, range(200))
    return {
        "vpcs": sorted(v for v, _ in vpcs),
        "groups": sorted(groups),
        "instances": sorted(i["InstanceId"] for i in instances),
        "roles": sorted(roles),
    }


def world():
    """One of nearly everything the collector knows."""
    ec2, iam = client("ec2"), client("iam")
    made = {}
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "main"}, {"Key": "Owner", "Value": "net"}])
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for n, z in ((1, "a"), (2, "b"))
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    egress_only = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
    vpn = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpcId=vpc, VpnGatewayId=vpn)
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
    peering = peering["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=peering)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    prefix_list = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=5,
        Entries=[{"Cidr": "192.0.2.0/24", "Description": "hq"}, {"Cidr": "198.51.100.0/24"}],
    )["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1", "Description": "other half"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            },
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]},
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": prefix_list}]},
        ],
    )
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=100,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 443, "To": 443},
    )
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flow-logs-bucket",
    ) if seed_bucket() else None
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table], VpcEndpointType="Gateway"
    )["VpcEndpoint"]["VpcEndpointId"]
    transit = ec2.create_transit_gateway(Description="hub")["TransitGateway"]["TransitGatewayId"]
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=transit, VpcId=vpc, SubnetIds=subnets)
    tgw_table = ec2.create_transit_gateway_route_table(TransitGatewayId=transit)["TransitGatewayRouteTable"]
    tgw_table = tgw_table["TransitGatewayRouteTableId"]
    ec2.create_transit_gateway_route(
        TransitGatewayRouteTableId=tgw_table, DestinationCidrBlock="192.0.2.0/24", Blackhole=True
    )
    key = ec2.create_key_pair(KeyName="ops")["KeyPairId"]
    image = ec2.register_image(Name="base", RootDeviceName="/dev/sda1", Architecture="x86_64")["ImageId"]
    iam.create_instance_profile(InstanceProfileName="web")
    secret = "#!/bin/sh\nexport DB_PASSWORD=correct-horse-battery-staple\n"
    instance = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        SubnetId=subnets[0],
        SecurityGroupIds=[group],
        KeyName="ops",
        UserData=secret,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web-1"}]}],
    )["Instances"][0]["InstanceId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={
            "ImageId": image,
            "InstanceType": "t3.micro",
            "MetadataOptions": {"HttpTokens": "required"},
            "UserData": base64.b64encode(b"#!/bin/sh\necho hello\n").decode(),
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, Encrypted=True)["VolumeId"]
    snapshots = [ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2)]
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshots[0],
        Attribute="createVolumePermission",
        OperationType="add",
        GroupNames=["all"],
    )
    ec2.enable_ebs_encryption_by_default()
    made.update(
        vpc=vpc, group=group, table=table, acl=acl, peering=peering, prefix_list=prefix_list, gateway=gateway,
        nat=nat, transit=transit, tgw_table=tgw_table, instance=instance, template=template, volume=volume,
        public_snapshot=snapshots[0], private_snapshot=snapshots[1], endpoint=endpoint, key=key, image=image,
        egress_only=egress_only["EgressOnlyInternetGatewayId"], vpn=vpn, secret="correct-horse-battery-staple",
    )
    made.update(balancers(subnets, group, vpc))
    made.update(identities(iam))
    made.update(managed(iam, subnets, group))
    made.update(guarded())
    made.update(workloads())
    return made


def guarded():
    """Resources with policies of their own."""
    def open_to_all(resource, action):
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}],
            }
        )

    s3, sqs, sns, kms, secrets = (client(name) for name in ("s3", "sqs", "sns", "kms", "secretsmanager"))
    s3.create_bucket(Bucket="open-bucket")
    s3.put_bucket_policy(Bucket="open-bucket", Policy=open_to_all("arn:aws:s3:::open-bucket/*", "s3:GetObject"))
    s3.put_bucket_tagging(Bucket="open-bucket", Tagging={"TagSet": [{"Key": "Owner", "Value": "web"}]})
    client("s3", "eu-west-1").create_bucket(
        Bucket="shut-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_public_access_block(
        Bucket="shut-bucket",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    url = sqs.create_queue(QueueName="jobs", tags={"Owner": "web"})["QueueUrl"]
    queue = "arn:aws:sqs:us-east-1:123456789012:jobs"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": open_to_all(queue, "sqs:SendMessage")})
    sqs.create_queue(QueueName="quiet")
    topic = sns.create_topic(Name="alarms", Tags=[{"Key": "Owner", "Value": "web"}])["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=open_to_all(topic, "sns:Publish")
    )
    encryption_key = kms.create_key(
        Policy=open_to_all("*", "kms:Decrypt"), Tags=[{"TagKey": "Owner", "TagValue": "web"}]
    )["KeyMetadata"]["KeyId"]
    shown = secrets.create_secret(Name="shown", SecretString="correct-horse-battery-staple")["ARN"]
    secrets.put_resource_policy(SecretId=shown, ResourcePolicy=open_to_all("*", "secretsmanager:GetSecretValue"))
    secrets.create_secret(Name="hidden", SecretString="correct-horse-battery-staple")
    return {"encryption_key": encryption_key}


def workloads():
    """What runs with a role."""
    role = "arn:aws:iam::123456789012:role/deploy"
    client("codebuild").create_project(
        name="site",
        source={"type": "S3", "location": "open-bucket/site.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "base",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "PASSWORD", "value": "correct-horse-battery-staple"}],
        },
        serviceRole=role,
    )
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "stacked"}}}}
    client("cloudformation").create_stack(StackName="base", TemplateBody=json.dumps(template), RoleARN=role)
    return {}


def seed_bucket():
    client("s3").create_bucket(Bucket="flow-logs-bucket")
    return True


def balancers(subnets, group, vpc):
    acm, v2, classic = client("acm"), client("elbv2"), client("elb")
    certificate = acm.request_certificate(DomainName="www.example.org", Tags=[{"Key": "Team", "Value": "web"}])
    certificate = certificate["CertificateArn"]
    balancer = v2.create_load_balancer(
        Name="front", Subnets=subnets, SecurityGroups=[group], Tags=[{"Key": "Team", "Value": "web"}]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    target = v2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    listener = v2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target["TargetGroupArn"]}],
    )["Listeners"][0]["ListenerArn"]
    v2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
        ],
    )
    classic.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-east-1a"],
        Tags=[{"Key": "Team", "Value": "legacy"}],
    )
    return {"certificate": certificate, "balancer": balancer, "listener": listener, "classic": "old"}


def managed(iam, subnets, group):
    """A database, two functions and a cluster."""
    rds, functions, eks = client("rds"), client("lambda"), client("eks")
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="orders",
        MasterUserPassword="correct-horse-battery-staple",
        DBSubnetGroupName="data",
        VpcSecurityGroupIds=[group],
        PubliclyAccessible=True,
        StorageEncrypted=True,
        Tags=[{"Key": "Team", "Value": "shop"}],
    )
    role = iam.create_role(RoleName="managed", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    code = base64.b64decode("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")
    inside = {"SubnetIds": subnets, "SecurityGroupIds": [group]}
    secret = {"Variables": {"API_TOKEN": "correct-horse-battery-staple", "STAGE": "prod"}}
    for name, more in (("mail", {"VpcConfig": inside, "Environment": secret}), ("quiet", {})):
        functions.create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="main.handle", Code={"ZipFile": code},
            Tags={"Team": "shop"}, **more
        )
    functions.add_permission(
        FunctionName="mail", StatementId="any", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    eks.create_cluster(
        name="shop",
        roleArn=role,
        version="1.33",
        resourcesVpcConfig={
            "subnetIds": subnets, "securityGroupIds": [group], "endpointPublicAccess": True,
            "endpointPrivateAccess": False, "publicAccessCidrs": ["203.0.113.0/24"],
        },
        tags={"Team": "shop"},
    )
    return {"subnets": subnets}


def identities(iam):
    iam.create_group(GroupName="ops")
    iam.create_user(UserName="alice", Tags=[{"Key": "Team", "Value": "ops"}])
    iam.create_login_profile(UserName="alice", Password="not-A-real-1")
    iam.create_access_key(UserName="alice")
    iam.add_user_to_group(GroupName="ops", UserName="alice")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    own = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=own)
    iam.attach_group_policy(GroupName="ops", PolicyArn=own)
    iam.create_role(
        RoleName="deploy", AssumeRolePolicyDocument=json.dumps(TRUST), MaxSessionDuration=7200, Description="d"
    )
    iam.put_role_policy(RoleName="deploy", PolicyName="inline", PolicyDocument=json.dumps(policy))
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="123456"
    )
    iam.update_account_password_policy(MinimumPasswordLength=16, RequireSymbols=True)
    saml = iam.create_saml_provider(SAMLMetadataDocument="x" * 1024, Name="corp")["SAMLProviderArn"]
    oidc = iam.create_open_id_connect_provider(
        Url="https://token.actions.example.org", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )["OpenIDConnectProviderArn"]
    return {"policy": own, "saml": saml, "oidc": oidc, "mfa": device}


def organization():
    """A management account, a unit with one account, and two accounts beside it; each member has a VPC of its own."""
    org = client("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    unit = org.create_organizational_unit(ParentId=root, Name="production")["OrganizationalUnit"]["Id"]
    accounts = []
    for name in ("one", "two", "three"):
        status = org.create_account(Email=f"{name}@example.org", AccountName=name)["CreateAccountStatus"]
        accounts.append(status["AccountId"])
    org.move_account(AccountId=accounts[0], SourceParentId=root, DestinationParentId=unit)
    sts = client("sts")
    vpcs = {}
    for account in accounts:
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/audit", RoleSessionName="seed")["Credentials"]
        ec2 = client(
            "ec2",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        vpcs[account] = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    return {"root": root, "unit": unit, "accounts": accounts, "vpcs": vpcs}


print(json.dumps({"bulk": bulk, "world": world, "organization": organization}[PART]()))
