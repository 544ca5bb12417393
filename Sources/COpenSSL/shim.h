// The front door of OpenSSL's libcrypto: digests, message authentication, authenticated encryption, random bytes.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
