/* sanitized.h - whether the address sanitizer is in the way: programs are several times slower then, and
 * need more memory.  What is drawn at random, or tried at thousands of moments, is done in full without it
 * and less often with it. */
#ifndef TEST_SANITIZED_H
#define TEST_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define FEWER(many, few_when_sanitized) (SANITIZED ? (few_when_sanitized) : (many))

#endif
