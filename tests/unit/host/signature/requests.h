/* Requests of clients for tests, signed with the example key, on 2026-11-28 at 13:50:12 UTC. */
#ifndef TJOB_TESTS_SIGNED_REQUESTS_H
#define TJOB_TESTS_SIGNED_REQUESTS_H

enum { SIGNED_TIME = 1795873812 };

#define ARN_OF_RECORDED "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x"
#define RECORDED_SCOPE "AKIDEXAMPLE/20261128/us-west-2/comprehend/aws4_request"

/* As boto3 1.26.27 sends it. */
#define RECORDED(operation, signature)                                                                                 \
    "POST / HTTP/1.1\n"                                                                                                \
    "X-Amz-Target: Comprehend_20171127." operation "\n"                                                                \
    "Content-Type: application/x-amz-json-1.1\n"                                                                       \
    "User-Agent: Boto3/1.26.27 Python/3.11.2 Linux/6.1 Botocore/1.29.27\n"                                             \
    "host: 127.0.0.1:8080\n"                                                                                           \
    "X-Amz-Date: 20261128T135012Z\n"                                                                                   \
    "Authorization: AWS4-HMAC-SHA256 Credential=" RECORDED_SCOPE                                                       \
    ", SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" signature "\n"                             \
    "amz-sdk-invocation-id: ec6d36eb-5110-4c74-8223-2a250e79a586\n"                                                    \
    "amz-sdk-request: attempt=1\n"                                                                                     \
    "Content-Length: 88\n"                                                                                             \
    "\n"                                                                                                               \
    "{\"EntityRecognizerArn\": \"" ARN_OF_RECORDED "\"}"

#define RECORDED_STOP                                                                                                  \
    RECORDED("StopTrainingEntityRecognizer", "c97e27300344903dc08e2bb90e9f11e62a26425aa0e5dc9816457487db595961")
#define RECORDED_DESCRIBE                                                                                              \
    RECORDED("DescribeEntityRecognizer", "94bd73374b21c5360522b5a75bc6e30ec47ad550dd9377cd0190141a44b94f4f")
#define RECORDED_DELETE                                                                                                \
    RECORDED("DeleteEntityRecognizer", "7916e2cce14faadcd1691f36559838350a5624b432a819e03f8c59b444857035")

#define HEAD_OF_STOP "Host: 127.0.0.1:8080\nX-Amz-Target: Comprehend_20171127.StopTrainingEntityRecognizer\n"
#define BODY_OF_STOP "{\"EntityRecognizerArn\":\"" ARN_OF_RECORDED "\"}"

/* Presigned for a minute, with its body. */
#define PRESIGNED_STOP                                                                                                 \
    "POST /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261128%2Fus-west-2%2Fcomprehend%2F"      \
    "aws4_request&X-Amz-Date=20261128T135012Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-target"                \
    "&X-Amz-Signature=de1d1d6055eea0f679f53b907ce39a857ca4455a60ff7b41b27a3b40a509c4a9 HTTP/1.1\n" HEAD_OF_STOP        \
    "\n" BODY_OF_STOP

/* Signed with the Date header in place of X-Amz-Date. */
#define DATED_STOP                                                                                                     \
    "POST / HTTP/1.1\n" HEAD_OF_STOP "Date: Sat, 28 Nov 2026 13:50:12 GMT\n"                                           \
    "Authorization: AWS4-HMAC-SHA256 Credential=" RECORDED_SCOPE ",SignedHeaders=date;host;x-amz-target,Signature="    \
    "4552c3f6f08b3e529de0a2f5370abff9e5bff0238d1f45f9b9abea55bc0af372\n\n" BODY_OF_STOP

/* Signed well, with a security token. */
#define STOP_WITH_TOKEN                                                                                                \
    "POST / HTTP/1.1\n" HEAD_OF_STOP "X-Amz-Date: 20261128T135012Z\nX-Amz-Security-Token: token\n"                     \
    "Authorization: AWS4-HMAC-SHA256 Credential=" RECORDED_SCOPE                                                       \
    ", SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, "                                              \
    "Signature=2664686b334cdf5dbf78805ff1d526f162b5a577df608289b47cbfd2540a8cc1\n\n" BODY_OF_STOP

/* Signed without its body, as for the object store. */
#define STOP_WITHOUT_PAYLOAD                                                                                           \
    "POST / HTTP/1.1\n" HEAD_OF_STOP "X-Amz-Date: 20261128T135012Z\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n"          \
    "Authorization: AWS4-HMAC-SHA256 Credential=" RECORDED_SCOPE                                                       \
    ", SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-target, "                                              \
    "Signature=5c71937bf819f0dfff5264a2526b01fc3fc0a4f560cd0c70783047a0692eec4e\n\n" BODY_OF_STOP

#endif
