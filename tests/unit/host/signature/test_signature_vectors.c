/*
 * The published test suite of Signature Version 4: its requests, and the signatures that it gives for them. The
 * requests are those of the current suite, whose signers normalize the path.
 */
#include <string.h>

#include "support/suite.h"
#include "unit/host/signature/wire_request.h"

#define SCOPE "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
#define HOST "Host:example.amazonaws.com\n"
#define DATE "X-Amz-Date:20150830T123600Z\n"
#define AUTHORIZATION(headers, signature)                                                                              \
    "Authorization:AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=" headers ", Signature=" signature "\n"
#define PLAIN(line, signature) line " HTTP/1.1\n" HOST DATE AUTHORIZATION("host;x-amz-date", signature) "\n"
#define ONE_HEADER(line, header, signature)                                                                            \
    line " HTTP/1.1\n" HOST header DATE AUTHORIZATION("host;my-header1;x-amz-date", signature) "\n"
#define VANILLA "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define FORM(type, signature)                                                                                          \
    "POST / HTTP/1.1\nContent-Type:" type "\n" HOST "Content-Length:13\n"                                              \
    "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\n" DATE AUTHORIZATION(      \
        "content-length;content-type;host;x-amz-content-sha256;x-amz-date", signature) "\nParam1=value1"
#define PRESIGNED(parameters, headers, signature, lines)                                                               \
    "GET /?" parameters "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2F"      \
    "service%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=" headers                                  \
    "&X-Amz-Expires=3600&X-Amz-Signature=" signature " HTTP/1.1\n" HOST lines "\n"

static const struct {
    const char *name;
    const char *request;
} vectors[] = {
    {"get-vanilla", PLAIN("GET /", VANILLA)},
    {"get-header-key-duplicate", ONE_HEADER("GET /", "My-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\n",
                                            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")},
    {"get-header-value-multiline", /* a server joins the lines, or refuses them; clients sign this */
     ONE_HEADER("GET /", "My-Header1:value1,value2,value3\n",
                "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790")},
    {"get-header-value-order",
     ONE_HEADER("GET /", "My-Header1:value4\nMy-Header1:value1\nMy-Header1:value3\nMy-Header1:value2\n",
                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")},
    {"get-header-value-trim",
     "GET / HTTP/1.1\n" HOST "My-Header1: value1\nMy-Header2: \"a   b   c\"\n" DATE AUTHORIZATION(
         "host;my-header1;my-header2;x-amz-date",
         "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736") "\n"},
    {"get-relative", PLAIN("GET /example/..", VANILLA)},
    {"get-relative-relative", PLAIN("GET /example1/example2/../..", VANILLA)},
    {"get-slash", PLAIN("GET //", VANILLA)},
    {"get-slash-dot-slash", PLAIN("GET /./", VANILLA)},
    {"get-slash-pointless-dot",
     PLAIN("GET /./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")},
    {"get-slashes", PLAIN("GET //example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84")},
    {"get-space", PLAIN("GET /example space/", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")},
    {"get-unreserved", PLAIN("GET /" UNRESERVED, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")},
    {"get-utf8", PLAIN("GET /\xe1\x88\xb4", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")},
    {"get-vanilla-empty-query-key",
     PLAIN("GET /?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")},
    {"get-vanilla-query-order-encoded", PLAIN("GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                                              "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac")},
    {"get-vanilla-query-order-key-case",
     PLAIN("GET /?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")},
    {"get-vanilla-query-unreserved",
     PLAIN("GET /?" UNRESERVED "=" UNRESERVED, "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")},
    {"get-vanilla-utf8-query",
     PLAIN("GET /?\xe1\x88\xb4=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")},
    {"post-vanilla", PLAIN("POST /", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")},
    {"post-vanilla-query",
     PLAIN("POST /?Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")},
    {"post-header-key-sort",
     ONE_HEADER("POST /", "My-Header1:value1\n", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")},
    {"post-header-key-case",
     ONE_HEADER("POST /", "MY-HEADER1:value1\n", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")},
    {"post-header-value-case",
     ONE_HEADER("POST /", "My-Header1:VALUE1\n", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")},
    {"post-x-www-form-urlencoded",
     FORM("application/x-www-form-urlencoded", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b")},
    {"post-x-www-form-urlencoded-parameters", FORM("application/x-www-form-urlencoded; charset=utf-8",
                                                   "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422")},
    {"get-vanilla-query, presigned",
     PRESIGNED("", "host", "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d", "")},
    {"get-vanilla-query-order-key-case, presigned",
     PRESIGNED("Param2=value2&Param1=value1&", "host",
               "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5", "")},
    {"get-header-value-trim, presigned",
     PRESIGNED("", "host%3Bmy-header1%3Bmy-header2", "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
               "My-Header1: value1\nMy-Header2: \"a   b   c\"\n")},
};

enum { VECTORS = sizeof vectors / sizeof vectors[0], TIME = 1440938160 };

START_TEST(it_accepts_each_vector)
{
    const tjob_signature_result result =
        wire_request_verify(vectors[_i].request, example_credentials("service", "us-east-1"), TIME);
    ck_assert_msg(result.status == TJOB_SIGNATURE_OK, "%s: %d, %s", vectors[_i].name, result.status, result.message);
    ck_assert_str_eq(result.message, "");
}
END_TEST

START_TEST(it_refuses_each_vector_with_another_digit_of_its_signature)
{
    char text[2048];
    strcpy(text, vectors[_i].request);
    char *digit = strstr(text, "Signature=");
    digit = strstr(digit + 1, "Signature=") != NULL ? strstr(digit + 1, "Signature=") : digit;
    for (int i = 0; i < 64; i++) {
        char *at = digit + strlen("Signature=") + i;
        const char before = *at;
        *at = before == '0' ? '1' : '0';
        const tjob_signature_result result =
            wire_request_verify(text, example_credentials("service", "us-east-1"), TIME);
        ck_assert_int_eq(result.status, TJOB_SIGNATURE_MISMATCH);
        *at = before;
    }
}
END_TEST

RUN_TESTS("signature_vectors", {it_accepts_each_vector, VECTORS},
          {it_refuses_each_vector_with_another_digit_of_its_signature, VECTORS})
