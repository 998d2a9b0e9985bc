/* Euler steps x = (1 - z) x + z J tanh(x) as C runs them: the product by the gemv of a BLAS, whose address is handed over, and tanh by the
   vectors of the compiler's mathematical library (GCC with -Ofast and libmvec). J has its columns one after the other. */
#include <math.h>
#include <time.h>

#define STEPS(name, number, tangent)                                                                                                   \
    typedef void name##_gemv(char *, int *, int *, number *, number *, int *, number *, int *, number *, number *, int *);             \
    double name(name##_gemv *gemv, number *restrict j, number *restrict x, number *restrict r, int neurons, int count, number z)       \
    {                                                                                                                                  \
        struct timespec start, end;                                                                                                    \
        char plain = 'N';                                                                                                              \
        int one = 1;                                                                                                                   \
        number keep = 1 - z;                                                                                                           \
        clock_gettime(CLOCK_MONOTONIC, &start);                                                                                        \
        for (int step = 0; step < count; step++) {                                                                                     \
            for (int i = 0; i < neurons; i++)                                                                                          \
                r[i] = tangent(x[i]);                                                                                                  \
            gemv(&plain, &neurons, &neurons, &z, j, &neurons, r, &one, &keep, x, &one);                                                \
        }                                                                                                                              \
        clock_gettime(CLOCK_MONOTONIC, &end);                                                                                          \
        return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);                                     \
    }

STEPS(steps_float32, float, tanhf)
STEPS(steps_float64, double, tanh)
