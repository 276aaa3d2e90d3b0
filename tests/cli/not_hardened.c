/* A program that asks for nothing. */
int main(void)
{
    return 0;
}
